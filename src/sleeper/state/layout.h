#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/job.h"
#include "sleeper/store/object_path.h"

// Where everything lies below the root of an instance: docs/formats/layout.md.

namespace sleeper::state {

/// 16 hexadecimal digits that sort as the numbers do, and in the opposite order.
std::string FormatUp(uint64_t number);
std::string FormatDown(uint64_t number);
/// Nothing unless `text` is 16 lower-case hexadecimal digits.
std::optional<uint64_t> ParseUp(std::string_view text);
std::optional<uint64_t> ParseDown(std::string_view text);

model::TableId MakeTableId(Random& random);
/// True for 16 lower-case hexadecimal digits.
bool IsTableId(const model::TableId& id);

/// A name for a data file (or a body) that is born now: `birth` is the number of a state that was refreshed just
/// before. Names are never reused, so every attempt makes new ones.
model::FileId MakeFileId(model::LogNumber birth, Random& random);

/// The birth that a file's name says; nothing if it is not a name that MakeFileId makes.
std::optional<model::LogNumber> BirthOf(const model::FileId& id);

InboxFileId MakeInboxFileId(model::LogNumber birth, Random& random);
std::optional<model::LogNumber> BirthOf(const InboxFileId& id);

/// The object of a data file.
store::ObjectPath DataFilePath(const model::TableId& table, const model::FileId& file);
/// The file of an object below DataPrefix; nothing if it is not named like one.
std::optional<model::FileId> FileOfPath(const model::TableId& table, const store::ObjectPath& path);

store::ObjectPath TablePrefix(const model::TableId& table);
store::ObjectPath DataPrefix(const model::TableId& table);
store::ObjectPath BodyPrefix(const model::TableId& table);
store::ObjectPath PlanPrefix(const model::TableId& table);
store::ObjectPath ClaimPrefix(const model::TableId& table);
store::ObjectPath InboxPrefix(const model::TableId& table);
store::ObjectPath InboxFilePath(const model::TableId& table, const InboxFileId& file);
store::ObjectPath InstanceFilePath();

/// Where one log lies. Immutable value.
class LogLayout {
 public:
  static LogLayout ForTable(const model::TableId& table);
  static LogLayout ForRegistry();

  store::ObjectPath LogPrefix() const { return store::ObjectPath(root_ + "log/"); }
  store::ObjectPath SnapshotPrefix() const { return store::ObjectPath(root_ + "snapshots/"); }
  store::ObjectPath BodyPrefix() const { return store::ObjectPath(root_ + "bodies/"); }
  store::ObjectPath EntryPath(model::LogNumber number) const;
  store::ObjectPath SnapshotPath(model::LogNumber number) const;
  /// `name` is one of MakeFileId.
  store::ObjectPath BodyPath(const model::FileId& name) const;

  /// The number of an entry or snapshot by its path; nothing if it is not named like one.
  std::optional<model::LogNumber> EntryNumber(const store::ObjectPath& path) const;
  std::optional<model::LogNumber> SnapshotNumber(const store::ObjectPath& path) const;

  /// "table 1f2e…" or "registry", for messages.
  const std::string& name() const { return name_; }

 private:
  LogLayout(std::string root, std::string name) : root_(std::move(root)), name_(std::move(name)) {}
  std::string root_;
  std::string name_;
};

}  // namespace sleeper::state
