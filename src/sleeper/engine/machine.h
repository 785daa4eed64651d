#pragma once

#include <cstdint>
#include <string>

namespace sleeper::engine {

/// What an instance may use of the machine it runs on. Value.
struct MachineOptions {
  /// Tasks that run at the same time; 0: as many as there are cores.
  int threads = 0;
  /// Where temporary files of sorts go; empty: the system's folder for temporary files.
  std::string scratch_folder;
  /// A folder on a network file system is refused without it: few of them keep what a commit relies on.
  bool allow_network_file_system = false;
  /// Who this is, for people: stands in every entry of a log.
  std::string writer = "sleeper";
};

}  // namespace sleeper::engine
