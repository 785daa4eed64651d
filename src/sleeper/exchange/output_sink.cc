#include "sleeper/exchange/output_sink.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

#include "sleeper/base/buffer.h"
#include "sleeper/store/posix_file.h"

namespace sleeper::exchange {
namespace {

/// Small appends are gathered up to this size.
constexpr size_t kBlockBytes = size_t{1} << 20;
/// Names for the unfinished file are tried this often.
constexpr int kNamesTriedMax = 100;

Status WriteFully(int descriptor, const std::string& name, std::string_view bytes) {
  const Status written =
      store::WriteFully(descriptor, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, name);
  if (!written.ok() && errno == EPIPE) {
    return Error(ErrorKind::kCancelled, "whoever read ", name, " has gone away");
  }
  return written;
}

/// Gathers small appends for a descriptor.
class Block {
 public:
  Status Append(int descriptor, const std::string& name, std::string_view bytes) {
    if (bytes_.size() + bytes.size() > kBlockBytes) TRY(Flush(descriptor, name));
    if (bytes.size() > kBlockBytes) return WriteFully(descriptor, name, bytes);
    bytes_.append(bytes);
    return Status::OK();
  }

  Status Flush(int descriptor, const std::string& name) {
    TRY(WriteFully(descriptor, name, bytes_));
    bytes_.clear();
    return Status::OK();
  }

 private:
  std::string bytes_;
};

class DescriptorSink final : public OutputSink {
 public:
  /// `owned` is `descriptor`, if it is to be closed.
  DescriptorSink(int descriptor, store::FileDescriptor owned, std::string name)
      : descriptor_(descriptor), owned_(std::move(owned)), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  bool is_stream() const override { return true; }
  Status Append(std::string_view bytes, const CallContext&) override {
    return block_.Append(descriptor_, name_, bytes);
  }
  Status Finish(const CallContext&) override { return block_.Flush(descriptor_, name_); }

 private:
  const int descriptor_;
  const store::FileDescriptor owned_;
  const std::string name_;
  Block block_;
};

class FileSink final : public OutputSink {
 public:
  FileSink(store::FileDescriptor file, std::string unfinished_path, std::string path, std::string name)
      : file_(std::move(file)),
        unfinished_path_(std::move(unfinished_path)),
        path_(std::move(path)),
        name_(std::move(name)) {}
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  ~FileSink() override {
    if (!finished_) ::unlink(unfinished_path_.c_str());
  }

  const std::string& name() const override { return name_; }
  bool is_stream() const override { return false; }
  Status Append(std::string_view bytes, const CallContext&) override {
    return block_.Append(file_.number(), name_, bytes);
  }

  Status Finish(const CallContext&) override {
    TRY(block_.Flush(file_.number(), name_));
    if (const int error = store::SyncToDisk(file_.number())) return store::SystemError(error, "write", name_);
    if (::rename(unfinished_path_.c_str(), path_.c_str()) != 0) return store::SystemError(errno, "write", name_);
    finished_ = true;
    return Status::OK();
  }

 private:
  const store::FileDescriptor file_;
  const std::string unfinished_path_;
  const std::string path_;
  const std::string name_;
  Block block_;
  bool finished_ = false;
};

class ObjectSink final : public OutputSink {
 public:
  ObjectSink(std::unique_ptr<store::ObjectWriter> writer, std::string name)
      : writer_(std::move(writer)), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  bool is_stream() const override { return false; }
  Status Append(std::string_view bytes, const CallContext& call) override {
    block_.append(bytes);
    return block_.size() < kBlockBytes ? Status::OK() : Flush(call);
  }
  Status Finish(const CallContext& call) override {
    TRY(Flush(call));
    return WithContext(writer_->Finish(call).status(), name_);
  }

 private:
  Status Flush(const CallContext& call) {
    if (block_.empty()) return Status::OK();
    return WithContext(writer_->Append(Buffer::FromString(std::exchange(block_, "")), call), name_);
  }

  const std::unique_ptr<store::ObjectWriter> writer_;
  const std::string name_;
  std::string block_;
};

class StringSink final : public OutputSink {
 public:
  StringSink(std::string& target, std::string name) : target_(target), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  bool is_stream() const override { return false; }
  Status Append(std::string_view bytes, const CallContext&) override {
    target_.append(bytes);
    return Status::OK();
  }
  Status Finish(const CallContext&) override { return Status::OK(); }

 private:
  std::string& target_;
  const std::string name_;
};

// Where a symbolic link leads, so that the file that it names is replaced and not the link.
std::string Resolved(const std::string& path) {
  std::array<char, PATH_MAX> resolved{};
  return ::realpath(path.c_str(), resolved.data()) == nullptr ? path : std::string(resolved.data());
}

}  // namespace

Result<std::unique_ptr<OutputSink>> OpenFileSink(const std::string& path) {
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) return store::SystemError(EISDIR, "write", path);
  if (exists && !S_ISREG(info.st_mode)) {
    store::FileDescriptor device = store::OpenAt(AT_FDCWD, path, O_WRONLY);
    if (!device.is_open()) return store::SystemError(errno, "write", path);
    const int descriptor = device.number();
    return std::make_unique<DescriptorSink>(descriptor, std::move(device), path);
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) return store::SystemError(errno, "write", path);
  const std::string target = exists ? Resolved(path) : path;
  for (int i = 0; i < kNamesTriedMax; ++i) {
    std::string unfinished = fmt::format("{}.{}-{}.part", target, ::getpid(), i);
    store::FileDescriptor file = store::OpenAt(AT_FDCWD, unfinished, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file.is_open()) return std::make_unique<FileSink>(std::move(file), std::move(unfinished), target, path);
    if (errno != EEXIST) return store::SystemError(errno, "write", path);
  }
  return store::SystemError(EEXIST, "write", path);
}

std::unique_ptr<OutputSink> MakeDescriptorSink(int descriptor, std::string name) {
  return std::make_unique<DescriptorSink>(descriptor, store::FileDescriptor(), std::move(name));
}

Result<std::unique_ptr<OutputSink>> OpenObjectSink(store::ObjectStore& store, const store::ObjectPath& path,
                                                   std::string name, const CallContext& call) {
  auto writer = store.OpenWriter(path, store::PutMode::kReplace, call);
  if (!writer.ok()) return WithContext(writer.status(), name);
  return std::make_unique<ObjectSink>(std::move(writer).ValueUnsafe(), std::move(name));
}

std::unique_ptr<OutputSink> MakeStringSink(std::string& target, std::string name) {
  return std::make_unique<StringSink>(target, std::move(name));
}

}  // namespace sleeper::exchange
