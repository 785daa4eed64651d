#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::store {
namespace {

Status StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

StoreCall CallOf(StoreFunction function, const ObjectPath& path, const CallContext& call, int64_t amount = 0) {
  return {.function = function, .path = path, .caller = std::string(call.caller), .ranges = {}, .amount = amount};
}

}  // namespace

template <typename Forward>
auto InterceptingStore::Pass(const StoreCall& store_call, const Forward& forward) -> decltype(forward()) {
  TRY(Before(store_call));
  auto answer = forward();
  TRY(After(store_call, StatusOf(answer)));
  return answer;
}

class InterceptingStore::Writer final : public ObjectWriter {
 public:
  Writer(InterceptingStore& store, ObjectPath path, std::unique_ptr<ObjectWriter> inner)
      : store_(store), path_(std::move(path)), inner_(std::move(inner)) {}
  ~Writer() override { store_.AfterWriter(std::move(inner_)); }

  Status Append(Buffer bytes, const CallContext& call) override {
    const StoreCall store_call = CallOf(StoreFunction::kAppend, path_, call, bytes.size());
    return store_.Pass(store_call, [&] { return inner_->Append(std::move(bytes), call); });
  }

  Result<PutOutcome> Finish(const CallContext& call) override {
    return store_.Pass(CallOf(StoreFunction::kFinish, path_, call), [&] { return inner_->Finish(call); });
  }

 private:
  InterceptingStore& store_;
  const ObjectPath path_;
  std::unique_ptr<ObjectWriter> inner_;
};

Result<Object> InterceptingStore::Get(const ObjectPath& path, const CallContext& call) {
  const StoreCall store_call = CallOf(StoreFunction::kGet, path, call);
  TRY_ASSIGN(Object object, Pass(store_call, [&] { return inner_.Get(path, call); }));
  object.bytes = AfterRead(store_call, std::move(object.bytes));
  return object;
}

Result<Buffer> InterceptingStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  StoreCall store_call = CallOf(StoreFunction::kGetRange, path, call);
  store_call.ranges = {range};
  TRY_ASSIGN(Buffer bytes, Pass(store_call, [&] { return inner_.GetRange(path, range, call); }));
  return AfterRead(store_call, std::move(bytes));
}

Result<std::vector<Buffer>> InterceptingStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                         const CallContext& call) {
  StoreCall store_call = CallOf(StoreFunction::kGetRanges, path, call);
  store_call.ranges.assign(ranges.begin(), ranges.end());
  TRY_ASSIGN(std::vector<Buffer> buffers, Pass(store_call, [&] { return inner_.GetRanges(path, ranges, call); }));
  if (!buffers.empty()) buffers.back() = AfterRead(store_call, std::move(buffers.back()));
  return buffers;
}

Result<PutOutcome> InterceptingStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  const StoreCall store_call = CallOf(StoreFunction::kPut, path, call, bytes.size());
  return Pass(store_call, [&] { return inner_.Put(path, std::move(bytes), mode, call); });
}

Result<std::unique_ptr<ObjectWriter>> InterceptingStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                                    const CallContext& call) {
  TRY_ASSIGN(auto writer,
             Pass(CallOf(StoreFunction::kOpenWriter, path, call), [&] { return inner_.OpenWriter(path, mode, call); }));
  return std::make_unique<Writer>(*this, path, std::move(writer));
}

Result<ObjectInfo> InterceptingStore::Head(const ObjectPath& path, const CallContext& call) {
  return Pass(CallOf(StoreFunction::kHead, path, call), [&] { return inner_.Head(path, call); });
}

Result<ListPage> InterceptingStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                         const CallContext& call) {
  return Pass(CallOf(StoreFunction::kList, prefix, call, keys_max),
              [&] { return inner_.List(prefix, after, keys_max, call); });
}

Status InterceptingStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  const ObjectPath first = paths.empty() ? ObjectPath() : paths.front();
  return Pass(CallOf(StoreFunction::kDelete, first, call, static_cast<int64_t>(paths.size())),
              [&] { return inner_.Delete(paths, call); });
}

Status InterceptingStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  return Pass(CallOf(StoreFunction::kDropAbandonedWrites, prefix, call),
              [&] { return inner_.DropAbandonedWrites(prefix, age, call); });
}

}  // namespace sleeper::store
