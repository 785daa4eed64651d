#include "sleeper/file/background_reads.h"

#include <utility>

namespace sleeper::file {

void BackgroundReads::Answer::Set(Result<Buffer> bytes) {
  bytes_ = std::move(bytes);
  done_.Set();
}

Result<Buffer> BackgroundReads::Answer::Wait() {
  done_.Wait();
  return bytes_;
}

BackgroundReads::~BackgroundReads() {
  {
    MutexLock lock(mutex_);
    waiting_.clear();
  }
  static_cast<void>(group_.Join());
}

std::shared_ptr<BackgroundReads::Answer> BackgroundReads::Start(const store::ObjectPath& path, ByteRange range,
                                                                const CallContext& call) {
  auto answer = std::make_shared<Answer>(executor_);
  {
    MutexLock lock(mutex_);
    waiting_.push_back({path, range, call, answer});
    if (readers_ == in_flight_max_) return answer;
    ++readers_;
  }
  group_.RunStage([this] { return ReadSome(); });
  return answer;
}

Status BackgroundReads::ReadSome() {
  for (;;) {
    Read read;
    {
      MutexLock lock(mutex_);
      if (waiting_.empty()) {
        --readers_;
        return Status::OK();
      }
      read = std::move(waiting_.front());
      waiting_.pop_front();
    }
    read.answer->Set(store_.GetRange(read.path, read.range, read.call));
  }
}

}  // namespace sleeper::file
