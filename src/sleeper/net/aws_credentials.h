#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/net/secret.h"

namespace sleeper::net {

/// What a request to AWS is signed with. Immutable value.
struct AwsCredentials {
  /// Public: it stands in every request.
  std::string access_key_id;
  Secret secret_access_key;
  /// Of temporary credentials.
  Secret session_token;
  /// Of temporary credentials.
  std::optional<WallTime> expires;

  friend bool operator==(const AwsCredentials&, const AwsCredentials&) = default;
};

/// A place that credentials come from. Thread-safe.
class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;

  /// kNotFound if this place has none; another one may. kDenied if it has some that cannot be used.
  virtual Result<AwsCredentials> Get(const CallContext& call) = 0;

  /// A server takes the credentials of that id for expired, whatever the clock here says. A place that keeps temporary
  /// ones asks for new ones at the next Get, unless others are there by now.
  virtual void Refused(std::string_view access_key_id) { static_cast<void>(access_key_id); }
};

}  // namespace sleeper::net
