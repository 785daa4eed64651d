#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/store/folder_tree.h"
#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// Which objects a page of a listing holds: the first `objects_max` whose path starts with `prefix` and is greater than
/// `after`.
struct PageRequest {
  std::string prefix;
  std::string after;
  size_t objects_max = 0;
};

/// One page of the objects in `tree`. Reads only the folders that the page needs, each once, and repeats the scan of a
/// folder that changed meanwhile.
Result<ListPage> ListFolders(FolderTree& tree, const PageRequest& request, const Clock& clock, const CallContext& call);

}  // namespace sleeper::store
