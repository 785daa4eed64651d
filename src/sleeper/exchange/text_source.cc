#include "sleeper/exchange/text_source.h"

#include <string_view>
#include <utility>

#include <arrow/io/compressed.h>
#include <arrow/util/compression.h>

#include "sleeper/columnar/arrow_buffer.h"
#include "sleeper/exchange/arrow_input.h"
#include "sleeper/exchange/foreign_status.h"
#include "sleeper/exchange/magic.h"
#include "sleeper/exchange/peeked_source.h"

namespace sleeper::exchange {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
constexpr std::string_view kUtf16LittleMark = "\xff\xfe";
constexpr std::string_view kUtf16BigMark = "\xfe\xff";

class DecompressedSource final : public InputSource {
 public:
  static Result<std::unique_ptr<InputSource>> Open(std::unique_ptr<InputSource> source,
                                                   arrow::Compression::type compression, const CallContext& call) {
    TRY_ASSIGN(auto codec, arrow::util::Codec::Create(compression));
    TRY_ASSIGN(auto stream, arrow::io::CompressedInputStream::Make(codec.get(), ToArrowStream(*source, call)));
    auto result = std::make_unique<DecompressedSource>();
    result->source_ = std::move(source);
    result->codec_ = std::move(codec);
    result->stream_ = std::move(stream);
    return result;
  }

  const std::string& name() const override { return source_->name(); }
  std::optional<int64_t> size() const override { return std::nullopt; }

  Result<Buffer> Read(int64_t bytes_max, const CallContext&) override {
    return Fenced(name(), [&]() -> Result<Buffer> {
      TRY_ASSIGN(auto bytes, stream_->Read(bytes_max));
      return columnar::FromArrow(std::move(bytes));
    });
  }

  Result<Buffer> ReadAt(ByteRange, const CallContext&) override {
    return Error(ErrorKind::kInternal, name(), ": compressed text is read from start to end");
  }

 private:
  std::unique_ptr<InputSource> source_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::io::CompressedInputStream> stream_;
};

Status CheckIsText(const PeekedSource& source) {
  const std::string_view head = source.head().view();
  if (head.empty()) return Error(ErrorKind::kInvalid, source.name(), ": the file is empty");
  if (head.starts_with(kUtf16LittleMark) || head.starts_with(kUtf16BigMark)) {
    return WithHint(Error(ErrorKind::kInvalid, source.name(), ": the text is UTF-16, not UTF-8"),
                    "convert it with iconv");
  }
  const bool parquet = BeginsAsParquet(head);
  if (parquet || BeginsAsArrowFile(head)) {
    return WithHint(Error(ErrorKind::kInvalid, source.name(),
                          parquet ? ": not a text but a Parquet" : ": not a text but an Arrow", " file"),
                    "give its format with --input-format");
  }
  return Status::OK();
}

}  // namespace

Result<std::unique_ptr<InputSource>> OpenText(std::unique_ptr<InputSource> source, const CallContext& call) {
  TRY_ASSIGN(auto peeked, PeekedSource::Open(std::move(source), kMagicBytes, call));
  const std::string_view magic = peeked->head().view();
  const bool gzip = magic.starts_with(kGzipMagic);
  if (gzip || magic.starts_with(kZstdMagic)) {
    TRY_ASSIGN(auto plain, DecompressedSource::Open(std::move(peeked),
                                                    gzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD, call));
    TRY_ASSIGN(peeked, PeekedSource::Open(std::move(plain), kMagicBytes, call));
  }
  TRY(CheckIsText(*peeked));
  if (peeked->head().view().starts_with(kUtf8Mark)) {
    TRY(peeked->Read(static_cast<int64_t>(kUtf8Mark.size()), call).status());
  }
  return peeked;
}

}  // namespace sleeper::exchange
