#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sleeper/base/buffer.h"

namespace sleeper::net {

/// The 32 bytes of SHA-256 of the buffers one after the other.
std::string Sha256(std::span<const Buffer> parts);
std::string Sha256(std::string_view bytes);

/// The 32 bytes of HMAC with SHA-256.
std::string HmacSha256(std::string_view key, std::string_view bytes);

/// The 16 bytes of MD5: an integrity check that S3 asks for, no protection. Nothing where OpenSSL is kept from
/// computing it, as on hosts in FIPS mode.
std::optional<std::string> Md5(std::string_view bytes);

/// Two lower-case hexadecimal digits per byte.
std::string LowerHex(std::string_view bytes);

}  // namespace sleeper::net
