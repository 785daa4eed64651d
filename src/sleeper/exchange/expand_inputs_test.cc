#include "sleeper/exchange/expand_inputs.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::exchange {
namespace {

using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ExpandInputsTest : public testing::Test {
 protected:
  void Make(const std::string& name) {
    const std::filesystem::path path = folder_.Inside(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }

  // The paths below the test's folder, each with its format.
  Result<std::vector<std::string>> Expand(const std::vector<std::string>& names,
                                          std::optional<InputFormat> format = std::nullopt) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder_.Inside(name));
    TRY_ASSIGN(const std::vector<InputPath> inputs, ExpandInputs(paths, format));
    std::vector<std::string> shown;
    for (const InputPath& input : inputs) {
      shown.push_back(input.path.substr(folder_.path().size() + 1) + " " + std::string(FormatName(input.format)));
    }
    return shown;
  }

  store::TemporaryFolder folder_;
};

TEST_F(ExpandInputsTest, AFileIsItselfAndItsNameTellsTheFormat) {
  Make("a.csv");
  Make("b.Parquet");
  Make("c.JSONL.gz");
  Make("d.arrow");
  EXPECT_THAT(ValueOf(Expand({"d.arrow", "c.JSONL.gz", "b.Parquet", "a.csv"})),
              ElementsAre("d.arrow arrow", "c.JSONL.gz jsonl", "b.Parquet parquet", "a.csv csv"));
}

TEST_F(ExpandInputsTest, AFolderStandsForItsFilesOfKnownFormatsAtAnyDepthInOrder) {
  for (const std::string name : {"in/b.csv", "in/a/z.parquet", "in/a/y.ndjson.zst", "in/_SUCCESS", "in/.hidden.csv",
                                 "in/.a.csv.crc", "in/_temporary/x.csv", "in/readme.txt", "in/c.parquet.gz"}) {
    Make(name);
  }
  EXPECT_THAT(ValueOf(Expand({"in"})),
              ElementsAre("in/a/y.ndjson.zst jsonl", "in/a/z.parquet parquet", "in/b.csv csv"));
  EXPECT_THAT(ValueOf(Expand({"in/"})),
              ElementsAre("in/a/y.ndjson.zst jsonl", "in/a/z.parquet parquet", "in/b.csv csv"));
}

TEST_F(ExpandInputsTest, WithAFormatEveryFileOfAFolderHasIt) {
  Make("in/part-0");
  Make("in/part-1");
  Make("in/_SUCCESS");
  EXPECT_THAT(ValueOf(Expand({"in"}, InputFormat::kCsv)), ElementsAre("in/part-0 csv", "in/part-1 csv"));
}

TEST_F(ExpandInputsTest, AGlobStandsForWhatItMatches) {
  for (const std::string name : {"a1.csv", "a2.csv", "b.csv", "a3.txt", "more/c.csv"}) Make(name);
  EXPECT_THAT(ValueOf(Expand({"a*"})), ElementsAre("a1.csv csv", "a2.csv csv"));
  EXPECT_THAT(ValueOf(Expand({"a[2-9].csv", "mor?"})), ElementsAre("a2.csv csv", "more/c.csv csv"));
}

TEST_F(ExpandInputsTest, APathThatExistsIsNoGlob) {
  Make("a[1].csv");
  Make("a1.csv");
  EXPECT_THAT(ValueOf(Expand({"a[1].csv"})), ElementsAre("a[1].csv csv"));
}

TEST_F(ExpandInputsTest, StandardInputAndUrlsPassAsTheyAre) {
  EXPECT_THAT(ValueOf(ExpandInputs({"-"}, InputFormat::kCsv)),
              ElementsAre(InputPath{.place = InputPlace::kStandardInput, .path = "-", .format = InputFormat::kCsv}));
  EXPECT_THAT(
      ValueOf(ExpandInputs({"s3://bucket/a*.tsv"}, std::nullopt)),
      ElementsAre(InputPath{
          .place = InputPlace::kUrl, .path = "s3://bucket/a*.tsv", .format = InputFormat::kCsv, .delimiter = '\t'}));
  EXPECT_THAT(ExpandInputs({"-"}, std::nullopt).status(),
              Fails(ErrorKind::kInvalid, "the format of standard input is not known"));
}

TEST_F(ExpandInputsTest, WhatIsNotThereIsNotFound) {
  EXPECT_THAT(Expand({"no.csv"}).status(), Fails(ErrorKind::kNotFound, HasSubstr("no.csv")));
  EXPECT_THAT(Expand({"no*.csv"}).status(), Fails(ErrorKind::kNotFound, HasSubstr("no input matches: ")));
  Make("in/readme.txt");
  EXPECT_THAT(Expand({"in"}).status(), Fails(ErrorKind::kNotFound, HasSubstr("no input in the folder: ")));
  EXPECT_THAT(ExpandInputs({""}, std::nullopt).status(), Fails(ErrorKind::kInvalid, HasSubstr("empty")));
}

TEST_F(ExpandInputsTest, ANameThatTellsNoFormatNeedsOne) {
  Make("data");
  EXPECT_THAT(Expand({"data"}).status(), Fails(ErrorKind::kInvalid, HasSubstr("the name does not tell the format")));
  EXPECT_THAT(ValueOf(Expand({"data"}, InputFormat::kArrow)), ElementsAre("data arrow"));
}

TEST_F(ExpandInputsTest, AFileThatIsNamedTwiceIsRefused) {
  Make("in/a.csv");
  EXPECT_THAT(Expand({"in", "in/../in/a.csv"}).status(), Fails(ErrorKind::kInvalid, HasSubstr("named twice")));
  EXPECT_THAT(ExpandInputs({"-", "-"}, InputFormat::kCsv).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("named twice")));
}

TEST_F(ExpandInputsTest, ALinkThatLeadsAroundInACircleEnds) {
  Make("in/a.csv");
  std::filesystem::create_directory_symlink(folder_.Inside("in"), folder_.Inside("in/again"));
  EXPECT_THAT(Expand({"in"}).status(), Fails(ErrorKind::kInvalid, testing::_));
}

}  // namespace
}  // namespace sleeper::exchange
