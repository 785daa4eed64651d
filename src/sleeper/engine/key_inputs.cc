#include "sleeper/engine/key_inputs.h"

#include <memory>
#include <unistd.h>

#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/key_file.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::engine {
namespace {

Result<std::unique_ptr<exchange::InputSource>> OpenSource(const std::string& path) {
  if (path == "-") return exchange::MakeDescriptorSource(STDIN_FILENO, "standard input");
  return exchange::OpenFileSource(path);
}

std::vector<model::NormalisedKey> Normalise(const std::vector<model::KeyTuple>& tuples) {
  std::vector<model::NormalisedKey> keys;
  keys.reserve(tuples.size());
  for (const model::KeyTuple& tuple : tuples) keys.push_back(model::EncodeKey(tuple));
  return keys;
}

}  // namespace

Result<std::vector<model::NormalisedKey>> ReadKeys(const std::string& path, const model::Schema& schema,
                                                   const CallContext& call) {
  TRY_ASSIGN(auto source, OpenSource(path));
  TRY_ASSIGN(const auto tuples, exchange::ReadKeyFile(std::move(source), schema, call));
  return Normalise(tuples);
}

Result<std::vector<model::NormalisedKey>> ReadSplitPoints(const std::string& path, const model::Schema& schema,
                                                          const CallContext& call) {
  TRY_ASSIGN(auto source, OpenSource(path));
  TRY_ASSIGN(const auto tuples, exchange::ReadSplitPoints(std::move(source), schema, call));
  return Normalise(tuples);
}

}  // namespace sleeper::engine
