#include "sleeper/file/order_check.h"

#include "sleeper/columnar/sort_order.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::file {

Status OrderCheck::Add(const columnar::Batch& batch) {
  if (batch.rows() == 0) return Status::OK();
  TRY(keys_.Encode(batch));
  int64_t wrong = columnar::FirstOutOfOrder(keys_);
  if (rows_ > 0 && keys_.key(0) < last_key_) wrong = 0;
  if (wrong >= 0) {
    return Error(ErrorKind::kInternal, "rows to be written are out of key order: row ", rows_ + wrong, " with the key ",
                 model::FormatKey(batch.layout().schema().key_fields(), keys_.key(wrong)));
  }
  last_key_ = keys_.key(batch.rows() - 1);
  model::KeyBounds bounds = keys_.Bounds();
  if (rows_ == 0) bounds_.min = std::move(bounds.min);
  bounds_.max = std::move(bounds.max);
  rows_ += batch.rows();
  return Status::OK();
}

}  // namespace sleeper::file
