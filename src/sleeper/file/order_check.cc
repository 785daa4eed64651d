#include "sleeper/file/order_check.h"

#include <utility>

#include "sleeper/columnar/sort_order.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::file {

Status OrderCheck::Add(const columnar::Batch& batch) {
  if (batch.rows() == 0) return Status::OK();
  int64_t wrong = columnar::FirstOutOfOrder(batch);
  TRY(keys_.Encode(batch.Slice(0, 1)));
  if (rows_ > 0 && keys_.key(0) < last_key_) wrong = 0;
  if (wrong >= 0) {
    TRY(keys_.Encode(batch.Slice(wrong, 1)));
    return Error(ErrorKind::kInternal, "rows are out of key order: row ", rows_ + wrong, " with the key ",
                 model::FormatKey(batch.layout().schema().key_fields(), keys_.key(0)));
  }
  if (rows_ == 0) bounds_.min = keys_.row_key(0);
  TRY(keys_.Encode(batch.Slice(batch.rows() - 1, 1)));
  bounds_.max = keys_.row_key(0);
  last_key_ = keys_.key(0);
  rows_ += batch.rows();
  return Status::OK();
}

}  // namespace sleeper::file
