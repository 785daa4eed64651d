#include "sleeper/store/probe_store.h"

#include <algorithm>
#include <array>

#include "sleeper/store/probe_bench.h"

namespace sleeper::store {
namespace {

/// Each race is run so often: a store that lets two win need not do so every time.
constexpr int kRaces = 2;

/// Characters that a store may take for something else, in keys or in its XML, and keys whose order is another if
/// characters are compared by their UTF-16 codes.
constexpr std::array<std::string_view, 5> kUnusual = {"unusual/a b+c%2F&<>'\"", "unusual/größe",
                                                      "unusual/#?=;,:@$!*()[]{}|^`~", "unusual/\xEF\xBD\x9E",
                                                      "unusual/\xF0\x9F\x98\x80"};
constexpr std::array<std::string_view, 1> kBackslash = {"backslash/a\\b"};
/// Keys that come in one order by their bytes and by folders, as those of an instance do.
constexpr std::array<std::string_view, 7> kOrdered = {"order/B",   "order/a/1",  "order/a/2", "order/a0",
                                                      "order/b/1", "order/fffe", "order/ffff"};
/// Keys whose order is another if a "/" is taken for less than any other character.
constexpr std::array<std::string_view, 6> kFolders = {"folders/B",   "folders/a-1", "folders/a.1",
                                                      "folders/a/1", "folders/a0",  "folders/b/1"};

std::string Show(const std::string& text) { return "'" + text + "'"; }
std::string Show(PutOutcome outcome) { return outcome == PutOutcome::kCreated ? "'created'" : "'exists already'"; }
std::string Show(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
  return text + "]";
}

/// kInternal unless `found` is `wanted`.
template <typename T>
Status Expect(std::string_view what, const Result<T>& found, const std::type_identity_t<T>& wanted) {
  TRY(found.status());
  if (*found == wanted) return Status::OK();
  return Error(ErrorKind::kInternal, what, " gave ", Show(*found), " and not ", Show(wanted));
}

Status CreateOnce(ProbeBench& bench) {
  const ObjectPath path = bench.Path("once");
  TRY(Expect("the first create", bench.Create(path, "first"), PutOutcome::kCreated));
  TRY(Expect("the second create", bench.Create(path, "second"), PutOutcome::kExists));
  return Expect("a read after a refused create", bench.Read(path), "first");
}

Status CreateRaced(ProbeBench& bench) {
  for (int race = 0; race < kRaces; ++race) {
    const auto create = [&](const ObjectPath& path, std::string_view text) { return bench.Create(path, text); };
    TRY(bench.Race(bench.Path("race/" + std::to_string(race)), create));
  }
  return Status::OK();
}

Status StreamOnce(ProbeBench& bench) {
  const ObjectPath path = bench.Path("streamed");
  TRY(Expect("the first streamed create", bench.Stream(path, "first"), PutOutcome::kCreated));
  TRY(Expect("the second streamed create", bench.Stream(path, "second"), PutOutcome::kExists));
  TRY(Expect("a create after a streamed one", bench.Create(path, "third"), PutOutcome::kExists));
  return Expect("a read after refused streamed creates", bench.Read(path), "first");
}

Status StreamRaced(ProbeBench& bench) {
  for (int race = 0; race < kRaces; ++race) {
    const auto create = [&](const ObjectPath& path, std::string_view text) { return bench.Stream(path, text); };
    TRY(bench.Race(bench.Path("streamed-race/" + std::to_string(race)), create));
  }
  return Status::OK();
}

Status ReadAfterWrite(ProbeBench& bench) {
  const ObjectPath path = bench.Path("read");
  TRY(Expect("a read of no object", bench.Read(path), "(no object)"));
  TRY(bench.Create(path, "first").status());
  TRY(Expect("a read after the create", bench.Read(path), "first"));
  TRY(bench.Replace(path, "second").status());
  TRY(Expect("a read after the replacement", bench.Read(path), "second"));
  TRY(bench.Delete(path));
  TRY(Expect("a read after the deletion", bench.Read(path), "(no object)"));
  TRY(bench.Create(path, "third").status());
  return Expect("a read after the re-creation", bench.Read(path), "third");
}

Status ListAfterCreate(ProbeBench& bench) {
  TRY(Expect("a listing before the creates", bench.Names("listed/"), {}));
  TRY(bench.Create(bench.Path("listed/2"), "x").status());
  TRY(Expect("a listing after a create", bench.Names("listed/"), {"listed/2"}));
  TRY(bench.Create(bench.Path("listed/1"), "x").status());
  return Expect("a listing after another create", bench.Names("listed/"), {"listed/1", "listed/2"});
}

Status ListAfterDelete(ProbeBench& bench) {
  const ObjectPath path = bench.Path("unlisted/1");
  TRY(bench.Create(path, "x").status());
  TRY(bench.Create(bench.Path("unlisted/2"), "x").status());
  TRY(Expect("a listing before the deletion", bench.Names("unlisted/"), {"unlisted/1", "unlisted/2"}));
  TRY(bench.Delete(path));
  return Expect("a listing after the deletion", bench.Names("unlisted/"), {"unlisted/2"});
}

/// What a listing of `folder` shows once there are objects of these names.
template <size_t kCount>
Status CreateAndList(ProbeBench& bench, const std::array<std::string_view, kCount>& names, std::string_view folder) {
  for (const std::string_view name : names)
    TRY(Expect("the create of " + Show(std::string(name)), bench.Create(bench.Path(name), name), PutOutcome::kCreated));
  std::vector<std::string> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  return Expect("a listing", bench.Names(folder), sorted);
}

Status ListOrder(ProbeBench& bench) {
  TRY(CreateAndList(bench, kOrdered, "order/"));
  return Expect("a listing of a prefix that ends within a name", bench.Names("order/a"),
                {"order/a/1", "order/a/2", "order/a0"});
}

Status FolderOrder(ProbeBench& bench) { return CreateAndList(bench, kFolders, "folders/"); }

Status ListPages(ProbeBench& bench) {
  for (int i = 1; i <= 5; ++i) TRY(bench.Create(bench.Path("pages/" + std::to_string(i)), "x").status());
  TRY(Expect("a listing in pages of two", bench.Names("pages/", 2),
             {"pages/1", "pages/2", "pages/3", "pages/4", "pages/5"}));
  TRY(Expect("a listing after an object", bench.Names("pages/", 1000, "pages/3"), {"pages/4", "pages/5"}));
  TRY(Expect("a listing after a name that no object has", bench.Names("pages/", 1000, "pages/3x"),
             {"pages/4", "pages/5"}));
  return Expect("a listing after the last object", bench.Names("pages/", 1000, "pages/5"), {});
}

Status Etags(ProbeBench& bench) {
  const ObjectPath path = bench.Path("etag");
  TRY(bench.Create(path, "first").status());
  TRY_ASSIGN(const ObjectInfo before, bench.store().Head(path, bench.call()));
  TRY(bench.Delete(path));
  TRY(bench.Create(path, "other").status());
  TRY_ASSIGN(const Object after, bench.store().Get(path, bench.call()));
  if (before.etag == after.info.etag) {
    return Error(ErrorKind::kInternal, "an object that was created again with other bytes has the same ETag as before");
  }
  TRY_ASSIGN(const ListPage page, bench.store().List(path, ObjectPath(""), 1, bench.call()));
  const std::string listed = page.objects.empty() ? "(no object)" : page.objects.front().etag;
  return Expect("the ETag in the listing", Result<std::string>(listed), after.info.etag);
}

Status Ranges(ProbeBench& bench) {
  const ObjectPath path = bench.Path("range");
  TRY(bench.Create(path, "0123456789").status());
  TRY_ASSIGN(const Buffer within, bench.store().GetRange(path, {3, 4}, bench.call()));
  TRY(Expect("a read of bytes 3 to 6", Result<std::string>(std::string(within.view())), "3456"));
  for (const ByteRange range : {ByteRange{8, 4}, ByteRange{10, 1}}) {
    const Result<Buffer> past = bench.store().GetRange(path, range, bench.call());
    if (IsKind(past.status(), ErrorKind::kInvalid)) continue;
    TRY(past.status());
    return Error(ErrorKind::kInternal, "a read of ", range.size, " bytes at ", range.offset,
                 " of an object of 10 bytes was answered with ", past->size(), " bytes");
  }
  return Status::OK();
}

Status DeleteMissing(ProbeBench& bench) {
  TRY(bench.Delete(bench.Path("missing")));
  const std::array paths = {bench.Path("missing/1"), bench.Path("missing/2")};
  return bench.store().Delete(paths, bench.call());
}

Status UnusualNames(ProbeBench& bench) {
  TRY(CreateAndList(bench, kUnusual, "unusual/"));
  for (const std::string_view name : kUnusual)
    TRY(Expect("a read of " + Show(std::string(name)), bench.Read(bench.Path(name)), std::string(name)));
  return Status::OK();
}

Status Backslashes(ProbeBench& bench) {
  TRY(CreateAndList(bench, kBackslash, "backslash/"));
  return Expect("a read", bench.Read(bench.Path(kBackslash[0])), std::string(kBackslash[0]));
}

struct Check {
  std::string_view name;
  std::string_view promise;
  Status (*run)(ProbeBench& bench);
  Reliance reliance = Reliance::kCommits;
};

constexpr std::array kChecks = {
    Check{"create-if-absent", "refuses to create an object that exists", CreateOnce},
    Check{"create-if-absent-raced", "lets one of several tasks create an object", CreateRaced},
    Check{"multipart-if-absent", "refuses to create an object that exists, also at the end of an upload", StreamOnce},
    Check{"multipart-if-absent-raced", "lets one of several uploads create an object", StreamRaced, Reliance::kNothing},
    Check{"read-after-write", "shows to a read what was written or deleted before", ReadAfterWrite},
    Check{"list-after-create", "lists an object as soon as it is created", ListAfterCreate},
    Check{"list-after-delete", "lists no object that was deleted", ListAfterDelete},
    Check{"list-order", "lists in order, newest entries first", ListOrder},
    Check{"list-order-beside-folders", "lists 'a-b' before 'a/b', in the order of the keys' bytes", FolderOrder,
          Reliance::kNothing},
    Check{"list-pages", "goes on with a listing after any key, page by page", ListPages},
    Check{"etag", "gives other bytes another ETag, the same in a listing and in a read", Etags},
    Check{"range", "reads ranges exactly, and refuses those that reach past the end", Ranges},
    Check{"delete-missing", "takes an object that is not there for deleted", DeleteMissing},
    Check{"unusual-names", "keeps names with unusual characters as they are", UnusualNames},
    Check{"backslashes", "keeps a backslash in a name as it is", Backslashes, Reliance::kNothing},
};

/// True if the failure is about reaching the store or being let in, and not about what it does.
bool CouldNotAsk(const Status& status) {
  switch (KindOf(status)) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kThrottled:
    case ErrorKind::kOutcomeUnknown:
    case ErrorKind::kDenied:
    case ErrorKind::kExhausted:
    case ErrorKind::kCancelled:
      return true;
    default:
      return false;
  }
}

Result<ProbeReport> RunChecks(ProbeBench& bench) {
  ProbeReport report;
  for (const Check& check : kChecks) {
    const Status status = check.run(bench);
    if (!status.ok() && CouldNotAsk(status)) {
      const std::string context = "the store could not be tried out (" + std::string(check.name) + ")";
      // What was written has no meaning, so that its outcome is unknown is of no interest either.
      const bool is_unknown = IsKind(status, ErrorKind::kOutcomeUnknown);
      return WithContext(is_unknown ? WithKind(status, ErrorKind::kUnavailable) : status, context);
    }
    report.checks.push_back({check.name, check.promise, check.reliance, status.message()});
  }
  return report;
}

}  // namespace

bool ProbeReport::passed() const {
  return std::ranges::all_of(
      checks, [](const ProbeCheck& check) { return check.passed() || check.reliance == Reliance::kNothing; });
}

Status ProbeReport::Verdict() const {
  std::string others;
  const ProbeCheck* first = nullptr;
  for (const ProbeCheck& check : checks) {
    if (check.passed() || check.reliance == Reliance::kNothing) continue;
    if (first != nullptr) others += (others.empty() ? "" : ", ") + std::string(check.name);
    if (first == nullptr) first = &check;
  }
  if (first == nullptr) return Status::OK();
  const std::string more = others.empty() ? "" : "; it fails also " + others;
  return Error(ErrorKind::kDenied, "the store does not do what commits rely on: ", first->name, ": ", first->fault,
               more);
}

Result<ProbeReport> ProbeStore(ObjectStore& store, Executor& executor, Random& random, const CallContext& call) {
  constexpr int kIdDigits = 16;
  const std::string root = std::string(kProbePrefix) + random.Hex(kIdDigits) + "/";
  // A bucket that is not there, or cannot be reached, is told as such before anything else.
  TRY(store.List(ObjectPath(root), ObjectPath(""), 1, call.As("probe")).status());
  ProbeBench bench(store, executor, root, call);
  Result<ProbeReport> report = RunChecks(bench);
  const Status cleared = bench.Clear();
  if (report.ok() && report->passed()) TRY(cleared);
  return report;
}

}  // namespace sleeper::store
