#pragma once

#include <string>
#include <string_view>

namespace sleeper::net {

/// What the names of AWS's hosts end with in a region, with its first dot.
inline std::string AwsDomain(std::string_view region) {
  if (region.starts_with("cn-")) return ".amazonaws.com.cn";
  if (region.starts_with("eusc-")) return ".amazonaws.eu";
  return ".amazonaws.com";
}

}  // namespace sleeper::net
