#pragma once

#include <string>
#include <vector>

#include "sleeper/base/event.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/store/retry_schedule.h"
#include "sleeper/store/s3_connection.h"

namespace sleeper::store {

/// What becomes of a streamed object that is smaller than a part.
enum class SmallStreams {
  kOneRequest,  ///< It is put in one request at the end.
  kUpload,      ///< It is a multipart upload of one part, as a large one has several: for a probe.
};

struct S3UploadOptions {
  /// An object that is larger than this is streamed in several parts. S3 refuses parts below 5 MiB.
  int64_t part_bytes = int64_t{8} << 20;
  /// Parts of one upload that are on their way at the same time, while the next one is being produced. What an upload
  /// holds in memory is these and that one.
  int parts_in_flight_max = 3;
  SmallStreams small_streams = SmallStreams::kOneRequest;
  /// How its requests are made again.
  RetryPolicy retries;
};

/// What an upload needs from its store. All must outlive it.
struct S3UploadPorts {
  S3Connection& connection;
  const S3UploadOptions& options;
  Executor& executor;
  Random& random;
  /// Gives the requests their turns; may be null.
  RateLane* lane = nullptr;

  RetrySchedule NewSchedule() const { return {options.retries, executor, random, lane}; }
};

/// The parts of one upload, several of which are on their way at the same time. Confined, but for its own tasks.
class S3Parts {
 public:
  S3Parts(const S3UploadPorts& ports, std::string key, std::string upload_id);
  /// Gives up what is on its way, and waits for its end.
  ~S3Parts();
  S3Parts(const S3Parts&) = delete;
  S3Parts& operator=(const S3Parts&) = delete;

  const std::string& upload_id() const { return upload_id_; }
  /// How many were sent, or begun to be.
  size_t count() const { return count_; }

  /// Begins to send the next part; waits for an earlier one first if as many as may be are on their way. Answers the
  /// failure of any part so far.
  Status Send(std::vector<Buffer> body, const CallContext& call);

  /// Waits for all parts; their ETags in order.
  Result<std::vector<std::string>> Finish(const CallContext& call);

  /// A request about the upload.
  S3Request Request(std::string_view operation, std::string_view method) const;

 private:
  /// Answers the failure of a part, if there is one.
  Status WaitForSlots(int64_t slots, const CallContext& call);
  Status SendOne(size_t number, std::vector<Buffer> body, const CallContext& call);

  const S3UploadPorts ports_;
  const std::string key_;
  const std::string upload_id_;
  size_t count_ = 0;
  Semaphore free_slots_;
  Mutex mutex_;
  std::vector<std::string> etags_ SLEEPER_GUARDED_BY(mutex_);
  TaskGroup group_;
};

}  // namespace sleeper::store
