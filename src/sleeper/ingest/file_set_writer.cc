#include "sleeper/ingest/file_set_writer.h"

#include <utility>

#include "sleeper/columnar/layout.h"
#include "sleeper/state/layout.h"

namespace sleeper::ingest {

using columnar::Batch;

FileSetWriter::FileSetWriter(const Ports& ports, const IngestSpec& spec, const CallContext& call)
    : ports_(ports), spec_(spec), call_(call), layout_(columnar::Layout::Of(spec.schema)) {}

Status FileSetWriter::Write(const Batch& batch) {
  if (!cutter_) {
    TRY_ASSIGN(const state::TableStatePtr state, ports_.fresh_state(call_));
    cutter_.emplace(state->partitions());
  }
  TRY_ASSIGN(const std::vector<LeafCutter::Piece> pieces, cutter_->Cut(batch));
  for (const LeafCutter::Piece& piece : pieces) TRY(WritePiece(piece));
  return Status::OK();
}

Result<std::vector<state::NewFile>> FileSetWriter::Finish() {
  if (writer_) TRY(FinishFile());
  return std::move(files_);
}

Status FileSetWriter::WritePiece(const LeafCutter::Piece& piece) {
  if (writer_ && BelongsToNextFile(piece.leaf)) TRY(FinishFile());
  if (!writer_ || writer_->bytes() < spec_.file_bytes_target) return Append(piece.rows, piece.leaf);
  TRY_ASSIGN(const int64_t rest, RowsOfLastKey(piece.rows));
  if (rest > 0) TRY(Append(piece.rows.Slice(0, rest), piece.leaf));
  if (rest == piece.rows.rows()) return Status::OK();
  TRY(FinishFile());
  return Append(piece.rows.Slice(rest, piece.rows.rows() - rest), piece.leaf);
}

Status FileSetWriter::Append(const Batch& rows, const model::Partition& leaf) {
  if (!writer_) TRY(StartFile());
  TRY(writer_->Write(rows));
  if (slices_.empty() || slices_.back().interval != leaf.interval) slices_.push_back({leaf.interval, 0});
  slices_.back().rows += rows.rows();
  last_row_ = rows.Slice(rows.rows() - 1, 1);
  return Status::OK();
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
  last_row_.reset();
  files_.push_back({summary.Record(file_, birth_), std::move(slices_)});
  slices_.clear();
  return Status::OK();
}

bool FileSetWriter::BelongsToNextFile(const model::Partition& leaf) const {
  return spec_.strategy == model::FileWritingStrategy::kOneFilePerLeaf && !slices_.empty() &&
         slices_.back().interval != leaf.interval;
}

// How many rows at the start of `batch` have the row key of the last row written.
Result<int64_t> FileSetWriter::RowsOfLastKey(const Batch& batch) {
  TRY(keys_.Encode(*last_row_));
  // No row key is a prefix of another one, so this is the least one that is greater.
  const model::NormalisedKey next = model::NormalisedKey(keys_.row_key(0)) + '\0';
  TRY(keys_.Encode(batch));
  return keys_.LowerBound(next);
}

}  // namespace sleeper::ingest
