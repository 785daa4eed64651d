#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sleeper/columnar/batch.h"
#include "sleeper/file/data_file_settings.h"

namespace sleeper::file {

/// A data file that was changed at random, with checksums that fit again: of its pages, of their headers, of its Bloom
/// filters and of its tail, as far as they can be found. What a reader does behind its checksums is reached only so.
/// Hashes of rows stay as they are.
std::string SealDataFile(std::string_view bytes);

/// One of the files from which inputs for the reader are made by changing them.
struct SeedFile {
  std::string name;
  DataFileSettings settings;
};

/// They lie in tests/fuzz/corpus/data_file. One of no compression is changed right in its values.
const std::vector<SeedFile>& SeedFiles();

/// The rows of each: of all types, and few.
columnar::Batch SeedRows();

}  // namespace sleeper::file
