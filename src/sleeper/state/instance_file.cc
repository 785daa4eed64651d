#include "sleeper/state/instance_file.h"

#include <nlohmann/json.hpp>

#include "sleeper/state/field_codec.h"
#include "sleeper/state/layout.h"

namespace sleeper::state {

namespace {

constexpr std::string_view kFormat = "formatVersion";
constexpr std::string_view kId = "instanceId";
constexpr int kInstanceIdDigits = 32;
constexpr std::string_view kCaller = "instance";
/// Attempts to find out whether the file was written when the answer was lost.
constexpr int kAttemptsMax = 5;

bool IsInstanceId(const std::string& id) {
  return id.size() == kInstanceIdDigits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string WriteInstanceFile(const InstanceFile& file) {
  nlohmann::ordered_json json;
  json[kFormat] = file.format_version;
  json[kId] = file.instance_id;
  return json.dump() + "\n";
}

Result<InstanceFile> ParseInstanceFile(std::string_view text) {
  const std::string name = InstanceFilePath().value();
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains(kFormat) || !json[kFormat].is_number_integer()) {
    return Error(ErrorKind::kCorrupt, name, ": it does not say what it is");
  }
  // A newer version may be any number: those above int64_t are not to become negative ones.
  const nlohmann::json& version = json[kFormat];
  if (version.is_number_unsigned() && version.get<uint64_t>() > InstanceFile::kFormatVersion) {
    return NewerVersion("the instance");
  }
  InstanceFile file;
  file.format_version = version.is_number_unsigned() ? version.get<int>() : 0;
  if (json.contains(kId) && json[kId].is_string()) file.instance_id = json[kId].get<std::string>();
  if (file.format_version < 1 || !IsInstanceId(file.instance_id)) {
    return Error(ErrorKind::kCorrupt, name, ": it does not say which instance it is");
  }
  return file;
}

Result<InstanceFile> OpenInstance(store::ObjectStore& store, const CallContext& call) {
  const Result<store::Object> object = store.Get(InstanceFilePath(), call.As(kCaller));
  if (!object.ok() && KindOf(object.status()) == ErrorKind::kNotFound) {
    return WithHint(Error(ErrorKind::kNotFound, "there is no instance at this location"),
                    "create one with \"sleeper init\", or name another location");
  }
  if (!object.ok()) return object.status();
  return ParseInstanceFile(object->bytes.view());
}

Result<CreatedInstance> CreateInstance(store::ObjectStore& store, Random& random, const CallContext& call) {
  InstanceFile ours;
  ours.instance_id = random.Hex(kInstanceIdDigits);
  Status failure;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    Result<InstanceFile> found = OpenInstance(store, call);
    if (found.ok()) return CreatedInstance{*found, *found == ours};
    if (KindOf(found.status()) != ErrorKind::kNotFound) return found.status();
    // Whatever is answered: what can be read afterwards is the instance.
    const Result<store::PutOutcome> put = store.Put(InstanceFilePath(), Buffer::FromString(WriteInstanceFile(ours)),
                                                    store::PutMode::kIfAbsent, call.As(kCaller));
    failure = put.status();
    if (!put.ok() && KindOf(put.status()) != ErrorKind::kOutcomeUnknown) return put.status();
  }
  return failure.ok() ? Error(ErrorKind::kUnavailable, "the instance was created, but cannot be read") : failure;
}

}  // namespace sleeper::state
