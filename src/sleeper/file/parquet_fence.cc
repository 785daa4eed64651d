#include "sleeper/file/parquet_fence.h"

#include <new>

#include <parquet/exception.h>

namespace sleeper::file {

Status StatusOfCurrentException(ErrorKind kind) {
  try {
    std::rethrow_exception(std::current_exception());
  } catch (const parquet::ParquetInvalidOrCorruptedFileException& error) {
    return MakeError(kind, error.status().message());
  } catch (const parquet::ParquetStatusException& error) {
    // Ours, on its way through libparquet, or one of Arrow's about the bytes.
    if (error.status().detail() != nullptr || error.status().IsOutOfMemory()) return error.status();
    return MakeError(kind, error.status().message());
  } catch (const std::bad_alloc&) {
    return MakeError(ErrorKind::kExhausted, "out of memory");
  } catch (const std::exception& error) {
    return MakeError(kind, error.what());
  }
}

}  // namespace sleeper::file
