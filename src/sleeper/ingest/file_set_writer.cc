#include "sleeper/ingest/file_set_writer.h"

#include <utility>

#include "sleeper/state/layout.h"

namespace sleeper::ingest {

FileSetWriter::FileSetWriter(Ports ports, const IngestSpec& spec, const CallContext& call)
    : ports_(std::move(ports)), spec_(spec), call_(call), layout_(columnar::Layout::Of(spec.schema)) {}

Result<int64_t> FileSetWriter::WriteNext(sort::SortedRows& rows) {
  TRY_ASSIGN(const std::optional<std::string_view> row_key, rows.NextRowKey());
  if (!row_key) return 0;
  TRY(EnterLeaf(*row_key));
  if (writer_ && EndsBefore(*row_key)) TRY(FinishFile());
  if (!writer_) TRY(StartFile());
  std::optional<model::NormalisedKey> upper = leaf_->interval.upper;
  // A full file goes on to the end of its last row key. No row key is a prefix of another one, so this is the least one
  // that is greater.
  if (IsFull()) upper = model::NormalisedKey(*row_key) + '\0';
  TRY_ASSIGN(const int64_t written, rows.WriteTo(*writer_, upper));
  if (slices_.empty() || slices_.back().interval != leaf_->interval) slices_.push_back({leaf_->interval, 0});
  slices_.back().rows += written;
  return written;
}

Result<std::vector<state::NewFile>> FileSetWriter::Finish() {
  if (writer_) TRY(FinishFile());
  return std::move(files_);
}

Status FileSetWriter::EnterLeaf(std::string_view row_key) {
  if (!partitions_) {
    TRY_ASSIGN(const state::TableStatePtr state, ports_.fresh_state(call_));
    partitions_ = state->partitions();
  }
  if (!leaf_ || !leaf_->interval.Contains(row_key)) leaf_ = partitions_->Find(row_key);
  return Status::OK();
}

bool FileSetWriter::EndsBefore(std::string_view row_key) const {
  const bool new_leaf = slices_.back().interval != leaf_->interval;
  if (new_leaf && spec_.strategy == model::FileWritingStrategy::kOneFilePerLeaf) return true;
  return IsFull() && row_key != writer_->last_row_key();
}

Status FileSetWriter::StartFile() {
  TRY_ASSIGN(const state::TableStatePtr state, ports_.fresh_state(call_));
  birth_ = state->number();
  file_ = state::MakeFileId(birth_, ports_.random);
  TRY_ASSIGN(writer_, file::DataFileWriter::Open(ports_.store, state::DataFilePath(ports_.table, file_), layout_,
                                                 spec_.file_settings, call_));
  return Status::OK();
}

Status FileSetWriter::FinishFile() {
  TRY_ASSIGN(const file::DataFileSummary summary, writer_->Finish());
  writer_.reset();
  files_.push_back({summary.Record(file_, birth_), std::move(slices_)});
  slices_.clear();
  return Status::OK();
}

}  // namespace sleeper::ingest
