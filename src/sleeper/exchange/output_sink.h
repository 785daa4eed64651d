#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/store/object_store.h"

namespace sleeper::exchange {

/// Where output goes, from start to end. Dropped without Finish() it leaves nothing behind that looks like a result,
/// except what has gone down a pipe. Confined.
class OutputSink {
 public:
  virtual ~OutputSink() = default;

  /// What messages call it.
  virtual const std::string& name() const = 0;

  /// True if somebody may read while it is being written: a pipe or a terminal.
  virtual bool is_stream() const = 0;

  /// kExhausted if the disk is full; kCancelled if the reader of a pipe has gone away.
  virtual Status Append(std::string_view bytes, const CallContext& call) = 0;

  /// Makes the result visible, whole. After it only the destructor may be called.
  virtual Status Finish(const CallContext& call) = 0;
};

/// A file that appears, or replaces the one that is there, at Finish(); until then the bytes are in a file beside it. A
/// pipe or device of that name is written to as it is. kNotFound if there is no such folder; kInvalid if the path is a
/// folder.
Result<std::unique_ptr<OutputSink>> OpenFileSink(const std::string& path);

/// An open file descriptor, for example standard output. It is not closed.
/// REQUIRES: the process ignores SIGPIPE, or wants to end when the reader goes away.
std::unique_ptr<OutputSink> MakeDescriptorSink(int descriptor, std::string name);

/// An object that is created or replaced at Finish(). The store must outlive the sink.
Result<std::unique_ptr<OutputSink>> OpenObjectSink(store::ObjectStore& store, const store::ObjectPath& path,
                                                   std::string name, const CallContext& call);

/// Appends to a string.
std::unique_ptr<OutputSink> MakeStringSink(std::string& target, std::string name);

}  // namespace sleeper::exchange
