#pragma once

#include <cstdint>
#include <string>

#include "sleeper/net/aws_environment.h"

namespace sleeper::engine {

/// What a main found in the environment about S3.
using AwsEnvironment = net::AwsEnvironment;

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
  /// How a bucket is reached, and with which credentials; for instances in a bucket only.
  AwsEnvironment aws;
};

}  // namespace sleeper::engine
