#include "sleeper/exchange/input_source.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

#include "sleeper/columnar/arrow_buffer.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/store/posix_file.h"

namespace sleeper::exchange {
namespace {

class DescriptorSource final : public InputSource {
 public:
  /// `owned` is `descriptor`, if it is to be closed.
  DescriptorSource(int descriptor, store::FileDescriptor owned, std::optional<int64_t> size, std::string name)
      : descriptor_(descriptor), owned_(std::move(owned)), size_(size), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return size_; }

  // Gives what a pipe has; waiting for more would only delay its reader. A signal that cancels the work ends the wait.
  Result<Buffer> Read(int64_t bytes_max, const CallContext& call) override {
    std::string bytes(static_cast<size_t>(bytes_max), '\0');
    for (;;) {
      if (call.cancellation != nullptr && call.cancellation->cancelled()) {
        return Error(ErrorKind::kCancelled, name_, ": reading was stopped");
      }
      const ssize_t got = ::read(descriptor_, bytes.data(), bytes.size());
      if (got >= 0) {
        bytes.resize(static_cast<size_t>(got));
        return Buffer::FromString(std::move(bytes));
      }
      if (errno != EINTR) return store::SystemError(errno, "read", name_);
    }
  }

  Result<Buffer> ReadAt(ByteRange range, const CallContext&) override {
    const auto size = static_cast<size_t>(range.size);
    TRY_ASSIGN(auto memory, recycler_->Take(range.size));
    const Status read = store::ReadFully(descriptor_, range.offset, {memory->mutable_data(), size}, name_);
    // Whoever cut the file short meanwhile, it is no object of ours that is corrupt.
    if (!read.ok()) return IsKind(read, ErrorKind::kCorrupt) ? WithKind(read, ErrorKind::kInvalid) : read;
    return columnar::FromArrow(recycler_->Share(std::move(memory), range.size));
  }

 private:
  const int descriptor_;
  const store::FileDescriptor owned_;
  const std::optional<int64_t> size_;
  const std::string name_;
  /// The kernel takes fresh memory page by page, which costs as much as to copy what is read into it.
  const std::shared_ptr<columnar::BufferRecycler> recycler_ = columnar::BufferRecycler::Make();
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
  store::FileDescriptor file = store::OpenAt(AT_FDCWD, path, O_RDONLY);
  if (!file.is_open()) return store::SystemError(errno, "open", path);
  struct stat info {};
  if (::fstat(file.number(), &info) != 0) return store::SystemError(errno, "open", path);
  if (S_ISDIR(info.st_mode)) return store::SystemError(EISDIR, "read", path);
  std::optional<int64_t> size;
  if (S_ISREG(info.st_mode)) size = info.st_size;
  const int descriptor = file.number();
  return std::make_unique<DescriptorSource>(descriptor, std::move(file), size, path);
}

std::unique_ptr<InputSource> MakeDescriptorSource(int descriptor, std::string name) {
  return std::make_unique<DescriptorSource>(descriptor, store::FileDescriptor(), std::nullopt, std::move(name));
}

std::unique_ptr<InputSource> MakeBufferSource(Buffer bytes, std::string name) {
  return std::make_unique<BufferSource>(std::move(bytes), std::move(name));
}

}  // namespace sleeper::exchange
