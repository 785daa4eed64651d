// Runs a fuzz target without a fuzzing engine: first the inputs of a corpus as they are, then inputs that were made
// from them by random changes. Every change is a function of the seed and the number of the run, so a failure can be
// repeated.
//
//   <target> [--seed N] [--runs N] [--first N] [CORPUS FOLDER OR FILE…]

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "sleeper/base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// Only in builds with a sanitizer.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using sleeper::SeededRandom;

constexpr uint64_t kChangesMax = 8;
constexpr uint64_t kInsertedBytesMax = 64;
constexpr size_t kInputBytesMax = size_t{1} << 20;
/// An input that takes longer counts as a hang. Far more than any takes, even on a machine with much else to do.
constexpr unsigned kInputSecondsMax = 30;

struct Arguments {
  uint64_t seed = 1;
  uint64_t runs = 10'000;
  uint64_t first = 0;
  std::vector<std::string> corpus;
};

// What is going on, for the message of a crash; filled before each run.
char last_words[256] = "fuzz: no run yet\n";

void PrintLastWords() {
  const std::string_view words(last_words);
  [[maybe_unused]] const auto written = write(STDERR_FILENO, words.data(), words.size());
}

void Die(int signal_number) {
  PrintLastWords();
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> ReadCorpus(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& file : files) inputs.push_back(ReadFile(file));
  if (inputs.empty()) inputs.emplace_back();
  return inputs;
}

// A place in a text of `size` bytes where one of them stands. REQUIRES: size > 0.
size_t Place(SeededRandom& random, size_t size) { return static_cast<size_t>(random.Below(size)); }

std::string RandomBytes(SeededRandom& random, uint64_t count) {
  std::string bytes;
  for (uint64_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(random.Below(256)));
  return bytes;
}

// Overwrites 1, 2, 4 or 8 bytes with a number that decoders trip over: 0, 1, all ones, the greatest signed one.
void PutNumber(SeededRandom& random, std::string& input) {
  constexpr uint64_t kNumbers[] = {0, 1, ~uint64_t{0}, ~uint64_t{0} >> 1, uint64_t{1} << 63, 0x7fffffff, 0x80000000};
  uint64_t number = kNumbers[random.Below(std::size(kNumbers))];
  const size_t width = size_t{1} << random.Below(4);
  const size_t at = Place(random, input.size());
  for (size_t i = at; i < input.size() && i < at + width; ++i, number >>= 8)
    input[i] = static_cast<char>(number & 0xff);
}

void ChangeOnce(SeededRandom& random, std::string& input, const std::vector<std::string>& corpus) {
  if (input.empty()) {
    input = RandomBytes(random, 1 + random.Below(kInsertedBytesMax));
    return;
  }
  const size_t at = Place(random, input.size());
  switch (random.Below(7)) {
    case 0:
      input[at] = static_cast<char>(input[at] ^ (1 << random.Below(8)));
      break;
    case 1:
      input[at] = static_cast<char>(random.Below(256));
      break;
    case 2:
      PutNumber(random, input);
      break;
    case 3:
      input.erase(at, 1 + random.Below(kInsertedBytesMax));
      break;
    case 4:
      input.insert(at, RandomBytes(random, 1 + random.Below(kInsertedBytesMax)));
      break;
    case 5:
      input.resize(at);
      break;
    default: {
      const std::string& other = corpus[Place(random, corpus.size())];
      if (!other.empty()) input.replace(at, std::string::npos, other, Place(random, other.size()), std::string::npos);
    }
  }
  if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
}

std::string MakeInput(uint64_t seed, uint64_t run, const std::vector<std::string>& corpus) {
  if (run < corpus.size()) return corpus[run];
  SeededRandom random(seed * 0x9e3779b97f4a7c15 + run);
  std::string input = corpus[Place(random, corpus.size())];
  const uint64_t changes = 1 + random.Below(kChangesMax);
  for (uint64_t i = 0; i < changes; ++i) ChangeOnce(random, input, corpus);
  return input;
}

bool Parse(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (!name.starts_with("--")) {
      arguments.corpus.emplace_back(name);
      continue;
    }
    uint64_t* number = name == "--seed"    ? &arguments.seed
                       : name == "--runs"  ? &arguments.runs
                       : name == "--first" ? &arguments.first
                                           : nullptr;
    if (number == nullptr || ++i == count) return false;
    *number = std::strtoull(values[i], nullptr, 10);
  }
  return true;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!Parse(count, values, arguments)) {
    std::cerr << "usage: " << values[0] << " [--seed N] [--runs N] [--first N] [CORPUS…]\n";
    return 2;
  }
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) std::signal(number, Die);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(PrintLastWords);

  const std::vector<std::string> corpus = ReadCorpus(arguments.corpus);
  for (uint64_t run = arguments.first; run < arguments.first + arguments.runs; ++run) {
    const std::string input = MakeInput(arguments.seed, run, corpus);
    std::snprintf(last_words, sizeof last_words,
                  "fuzz: repeat with --seed %llu --first %llu --runs 1 and the same corpus\n",
                  static_cast<unsigned long long>(arguments.seed), static_cast<unsigned long long>(run));
    alarm(kInputSecondsMax);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
  std::cout << "fuzz: " << arguments.runs << " runs with seed " << arguments.seed << ", from " << corpus.size()
            << " inputs\n";
}
