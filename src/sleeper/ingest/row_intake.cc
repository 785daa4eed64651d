#include "sleeper/ingest/row_intake.h"

#include <iterator>
#include <utility>

#include "sleeper/columnar/sort_order.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/sort/batch_rows.h"

namespace sleeper::ingest {

using columnar::Batch;

Result<std::unique_ptr<RowIntake>> RowIntake::Make(const IngestPorts& ports, const IngestSpec& spec,
                                                   const CallContext& call) {
  sort::SortSettings settings{.memory_bytes_max = spec.memory.sort_bytes_max};
  if (ports.keep_alive) settings.while_waiting = [&] { return ports.keep_alive(call); };
  TRY_ASSIGN(auto sort, sort::ExternalSort::Make(columnar::Layout::Of(spec.schema), settings, ports.scratch,
                                                 ports.executor, call));
  return std::make_unique<RowIntake>(ports, spec, call, std::move(sort));
}

RowIntake::RowIntake(const IngestPorts& ports, const IngestSpec& spec, const CallContext& call,
                     std::unique_ptr<sort::ExternalSort> sort)
    : ports_(ports), spec_(spec), call_(call), layout_(columnar::Layout::Of(spec.schema)), sort_(std::move(sort)) {}

Status RowIntake::Add(Batch batch) {
  if (batch.rows() == 0) return Status::OK();
  rows_ += batch.rows();
  if (in_order_) {
    TRY_ASSIGN(in_order_, Continues(batch));
    if (!in_order_) TRY(BeginSort());
  }
  if (!in_order_) return sort_->Add(std::move(batch));
  waiting_bytes_ += batch.bytes();
  waiting_.push_back(std::move(batch));
  return passed_files_ || waiting_bytes_ >= spec_.memory.waiting_bytes_max ? PassOn() : Status::OK();
}

Result<bool> RowIntake::Continues(const Batch& batch) {
  TRY(edge_key_.Encode(batch.Slice(0, 1)));
  if (edge_key_.key(0) < last_key_) return false;
  if (columnar::FirstOutOfOrder(batch) >= 0) return false;
  TRY(edge_key_.Encode(batch.Slice(batch.rows() - 1, 1)));
  last_key_ = edge_key_.key(0);
  return true;
}

Status RowIntake::PassOn() {
  if (!passed_files_) passed_files_.emplace(NewFiles());
  waiting_bytes_ = 0;
  for (const Batch& batch : waiting_) rows_passed_ += batch.rows();
  sort::BatchRows rows(std::make_unique<rows::VectorStream>(layout_, std::exchange(waiting_, {})));
  return WriteAll(rows, *passed_files_);
}

Status RowIntake::BeginSort() {
  // Closed at once: a file that is being written takes memory.
  if (passed_files_) {
    TRY_ASSIGN(files_, passed_files_->Finish());
    passed_files_.reset();
  }
  for (Batch& batch : std::exchange(waiting_, {})) TRY(sort_->Add(std::move(batch)));
  waiting_bytes_ = 0;
  return Status::OK();
}

Result<std::vector<state::NewFile>> RowIntake::Finish() {
  if (in_order_) {
    TRY(PassOn());
    return passed_files_->Finish();
  }
  TRY_ASSIGN(const auto sorted, sort_->Finish());
  FileSetWriter files = NewFiles();
  TRY(WriteAll(*sorted, files));
  TRY_ASSIGN(std::vector<state::NewFile> of_sorted, files.Finish());
  std::move(of_sorted.begin(), of_sorted.end(), std::back_inserter(files_));
  return std::move(files_);
}

Status RowIntake::WriteAll(sort::SortedRows& rows, FileSetWriter& files) {
  for (;;) {
    if (rows_unreported_ == 0) {
      TRY(call_.Check(ports_.executor.clock()));
      if (ports_.keep_alive) TRY(ports_.keep_alive(call_));
    }
    TRY_ASSIGN(const int64_t written, files.WriteNext(rows));
    if (written == 0) return Status::OK();
    rows_written_ += written;
    rows_unreported_ += written;
    if (rows_unreported_ < kRowsPerReport) continue;
    rows_unreported_ = 0;
    // While rows pass through, what is being read is reported.
    if (!in_order_) call_.Report("writing", rows_written_, rows_);
  }
}

FileSetWriter RowIntake::NewFiles() const {
  return FileSetWriter({ports_.store, ports_.table, ports_.random, ports_.fresh_state}, spec_, call_);
}

}  // namespace sleeper::ingest
