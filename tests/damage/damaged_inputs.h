#pragma once

#include <string>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/schema.h"

// Data files that are well formed and hold other rows than they say: what no checksum finds.

namespace sleeper::damage {

/// A page of a data file with its header.
struct PlacedPage {
  size_t leaf = 0;
  int64_t offset = 0;
  int64_t bytes = 0;
};

std::vector<PlacedPage> PagesOf(const std::string& file, const model::FileRecord& record, const model::Schema& schema);

/// `file` with one bit of one page changed, and the page's checksum made right again. The same bytes if the chosen
/// page does not allow it.
std::string WithChangedBit(const std::string& file, const std::vector<PlacedPage>& pages, Random& random);

/// `file` with one page replaced by another one of the same size, out of `other`. The same bytes if there is none.
std::string WithForeignPage(const std::string& file, const std::vector<PlacedPage>& pages, const std::string& other,
                            const std::vector<PlacedPage>& other_pages, Random& random);

}  // namespace sleeper::damage
