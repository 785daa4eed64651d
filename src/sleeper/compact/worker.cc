#include "sleeper/compact/worker.h"

#include <array>
#include <climits>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace sleeper::compact {
namespace {

constexpr std::string_view kForm = "process/1";
/// Of /proc/<pid>/stat: the start time is the 22nd field, and the fields from the third on follow the name's last ")".
constexpr int kFieldsBeforeStartTime = 19;

// The first line of a file, or nothing.
std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Which start of the machine, and which of its lists of processes: a process number means something only within both.
std::string ProcessSpace() {
  std::array<char, PATH_MAX> link;
  const ssize_t size = readlink("/proc/self/ns/pid", link.data(), link.size());
  const std::string boot = FirstLine("/proc/sys/kernel/random/boot_id");
  if (size <= 0 || boot.empty()) return "";
  return boot + "/" + std::string(link.data(), static_cast<size_t>(size));
}

// When a process was started, in ticks since the machine was; nothing if there is no such process.
std::string StartTime(std::string_view process) {
  const std::string line = FirstLine("/proc/" + std::string(process) + "/stat");
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  std::string state;
  fields >> state;
  // A zombie has ended: only its parent has not looked yet.
  if (state == "Z" || state == "X") return "";
  for (int i = 0; i < kFieldsBeforeStartTime; ++i) fields >> field;
  return field;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

WorkerLife LookUp(std::string_view worker) {
  std::istringstream parts{std::string(worker)};
  std::string form;
  std::string space;
  std::string process;
  std::string started;
  parts >> form >> space >> process >> started;
  if (form != kForm || !IsNumber(process) || !IsNumber(started)) return WorkerLife::kUnknown;
  const std::string ours = ProcessSpace();
  if (ours.empty() || space != ours) return WorkerLife::kUnknown;
  // The number may have been given to another process since.
  return StartTime(process) == started ? WorkerLife::kAlive : WorkerLife::kDead;
}

}  // namespace

Worker ThisProcess() {
  const std::string space = ProcessSpace();
  const std::string process = std::to_string(getpid());
  const std::string started = StartTime(process);
  if (space.empty() || started.empty()) return {};
  return {std::string(kForm) + " " + space + " " + process + " " + started, LookUp};
}

}  // namespace sleeper::compact
