#include "sleeper/engine/open_store.h"

#include <utility>

#include "sleeper/store/folder_store.h"

namespace sleeper::engine {

Result<OpenedStore> OpenStore(const Location& location, const MachineOptions& options, const Clock& clock,
                              Random& random) {
  switch (location.kind) {
    case Location::Kind::kFolder: {
      store::FolderStoreOptions folder{.root = location.folder};
      if (options.allow_network_file_system) folder.network_file_systems = store::NetworkFileSystems::kAllow;
      TRY_ASSIGN(auto store, store::FolderStore::Open(folder, clock, random));
      return OpenedStore{std::move(store), store::FreeRequests()};
    }
    case Location::Kind::kS3:
      return WithHint(
          Error(ErrorKind::kInvalid, "this version keeps instances in folders only, not at ", location.ToString()),
          "name a folder with --instance");
  }
  return Error(ErrorKind::kInternal, "a location of no known kind: ", location.ToString());
}

}  // namespace sleeper::engine
