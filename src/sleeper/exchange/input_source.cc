#include "sleeper/exchange/input_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace sleeper::exchange {
namespace {

ErrorKind KindOfErrno(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::kNotFound;
    case EACCES:
    case EPERM:
      return ErrorKind::kDenied;
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return ErrorKind::kInvalid;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorKind::kExhausted;
    default:
      return ErrorKind::kUnavailable;
  }
}

Status ReadFailure(const std::string& name, int code) {
  return Error(KindOfErrno(code), "cannot read ", name, ": ", std::strerror(code));
}

// Reads until `size` bytes are there or the input ends. Without an offset it reads on from where the descriptor stands.
Result<std::string> ReadFully(int descriptor, const std::string& name, int64_t size, std::optional<int64_t> offset) {
  std::string bytes(static_cast<size_t>(size), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    char* target = bytes.data() + filled;
    const size_t wanted = bytes.size() - filled;
    const ssize_t got = offset ? ::pread(descriptor, target, wanted, static_cast<off_t>(*offset + filled))
                               : ::read(descriptor, target, wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ReadFailure(name, errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    // A pipe gives what it has; waiting for more would only delay its reader.
    if (!offset) break;
  }
  bytes.resize(filled);
  return bytes;
}

class DescriptorSource final : public InputSource {
 public:
  enum class Close { kNo, kYes };

  DescriptorSource(int descriptor, Close close, std::optional<int64_t> size, std::string name)
      : descriptor_(descriptor), close_(close), size_(size), name_(std::move(name)) {}
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;
  ~DescriptorSource() override {
    if (close_ == Close::kYes) ::close(descriptor_);
  }

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return size_; }

  Result<Buffer> Read(int64_t bytes_max, const CallContext&) override {
    TRY_ASSIGN(std::string bytes, ReadFully(descriptor_, name_, bytes_max, std::nullopt));
    return Buffer::FromString(std::move(bytes));
  }

  Result<Buffer> ReadAt(ByteRange range, const CallContext&) override {
    TRY_ASSIGN(std::string bytes, ReadFully(descriptor_, name_, range.size, range.offset));
    if (static_cast<int64_t>(bytes.size()) != range.size) {
      return Error(ErrorKind::kInvalid, name_, ": the file became shorter while it was read");
    }
    return Buffer::FromString(std::move(bytes));
  }

 private:
  const int descriptor_;
  const Close close_;
  const std::optional<int64_t> size_;
  const std::string name_;
};

class ObjectSource final : public InputSource {
 public:
  ObjectSource(store::ObjectStore& store, store::ObjectPath path, int64_t size, std::string name)
      : store_(store), path_(std::move(path)), size_(size), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return size_; }

  Result<Buffer> Read(int64_t bytes_max, const CallContext& call) override {
    const ByteRange range{position_, std::min(bytes_max, size_ - position_)};
    if (range.size == 0) return Buffer();
    TRY_ASSIGN(Buffer bytes, ReadAt(range, call));
    position_ = range.end();
    return bytes;
  }

  Result<Buffer> ReadAt(ByteRange range, const CallContext& call) override {
    auto bytes = store_.GetRange(path_, range, call);
    if (!bytes.ok()) return WithContext(bytes.status(), name_);
    return bytes;
  }

 private:
  store::ObjectStore& store_;
  const store::ObjectPath path_;
  const int64_t size_;
  const std::string name_;
  int64_t position_ = 0;
};

class BufferSource final : public InputSource {
 public:
  BufferSource(Buffer bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return bytes_.size(); }

  Result<Buffer> Read(int64_t bytes_max, const CallContext&) override {
    const ByteRange range{position_, std::min(bytes_max, bytes_.size() - position_)};
    position_ = range.end();
    return bytes_.Slice(range);
  }

  Result<Buffer> ReadAt(ByteRange range, const CallContext&) override { return bytes_.Slice(range); }

 private:
  const Buffer bytes_;
  const std::string name_;
  int64_t position_ = 0;
};

}  // namespace

Result<std::unique_ptr<InputSource>> OpenFileSource(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return ReadFailure(path, errno);
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) {
    const int code = errno;
    ::close(descriptor);
    return ReadFailure(path, code);
  }
  if (S_ISDIR(info.st_mode)) {
    ::close(descriptor);
    return ReadFailure(path, EISDIR);
  }
  std::optional<int64_t> size;
  if (S_ISREG(info.st_mode)) size = info.st_size;
  return std::make_unique<DescriptorSource>(descriptor, DescriptorSource::Close::kYes, size, path);
}

std::unique_ptr<InputSource> MakeDescriptorSource(int descriptor, std::string name) {
  return std::make_unique<DescriptorSource>(descriptor, DescriptorSource::Close::kNo, std::nullopt, std::move(name));
}

Result<std::unique_ptr<InputSource>> OpenObjectSource(store::ObjectStore& store, const store::ObjectPath& path,
                                                      std::string name, const CallContext& call) {
  auto info = store.Head(path, call);
  if (!info.ok()) return WithContext(info.status(), name);
  return std::make_unique<ObjectSource>(store, path, info->size, std::move(name));
}

std::unique_ptr<InputSource> MakeBufferSource(Buffer bytes, std::string name) {
  return std::make_unique<BufferSource>(std::move(bytes), std::move(name));
}

}  // namespace sleeper::exchange
