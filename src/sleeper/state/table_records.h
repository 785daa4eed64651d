#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/persistent_map.h"
#include "sleeper/model/file_record.h"
#include "sleeper/state/packed_file_id.h"
#include "sleeper/state/table_state.h"

// How files and references stand in the maps of a state, and so in a snapshot: docs/formats/snapshot.md.

namespace sleeper::state {

/// The key of a file is its least row key and its packed id.
std::string EncodeFileValue(const TrackedFile& file);
/// REQUIRES: an entry that EncodeFileValue or CheckFileEntry has seen.
TrackedFile DecodeFile(MapKey key, std::string_view value);
/// kCorrupt unless the entry is a well-formed file.
Status CheckFileEntry(MapKey key, std::string_view value);

/// A reference as it is stored: with the least row key of its file, which makes the record one look-up. Its key in the
/// map is its lower bound and the packed file id.
struct StoredReference {
  model::FileReference reference;
  model::NormalisedKey file_min;

  friend bool operator==(const StoredReference&, const StoredReference&) = default;
};

std::string EncodeReferenceValue(const StoredReference& stored);
/// REQUIRES: an entry that EncodeReferenceValue or CheckReferenceEntry has seen.
StoredReference DecodeReference(MapKey key, std::string_view value);
Status CheckReferenceEntry(MapKey key, std::string_view value);

/// The parts that planners look at most, without decoding the rest.
int64_t ReferenceRows(std::string_view value);
bool ReferenceOnJob(std::string_view value);
std::string_view ReferenceFileMin(std::string_view value);

}  // namespace sleeper::state
