#include "sleeper/exchange/peeked_source.h"

#include <algorithm>
#include <string>

namespace sleeper::exchange {

Result<std::unique_ptr<PeekedSource>> PeekedSource::Open(std::unique_ptr<InputSource> source, int64_t bytes,
                                                         const CallContext& call) {
  std::string head;
  while (static_cast<int64_t>(head.size()) < bytes) {
    TRY_ASSIGN(const Buffer more, source->Read(bytes - static_cast<int64_t>(head.size()), call));
    if (more.empty()) break;
    head.append(more.view());
  }
  return std::make_unique<PeekedSource>(std::move(source), Buffer::FromString(std::move(head)));
}

Result<Buffer> PeekedSource::Read(int64_t bytes_max, const CallContext& call) {
  if (unread_.empty()) return source_->Read(bytes_max, call);
  const int64_t size = std::min(bytes_max, unread_.size());
  Buffer bytes = unread_.Slice({0, size});
  unread_ = unread_.Slice({size, unread_.size() - size});
  return bytes;
}

}  // namespace sleeper::exchange
