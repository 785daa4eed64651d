#include "sleeper/net/credentials_sources.h"

#include <utility>
#include <vector>

#include "sleeper/base/mutex.h"

namespace sleeper::net {
namespace {

/// Temporary credentials are fetched again so long before they expire; servers differ in their clocks.
constexpr Duration kRefreshBefore = std::chrono::minutes(5);
/// After a failure to fetch them, while those at hand are valid; and after a server has refused those at hand.
constexpr Duration kRefreshPause = std::chrono::seconds(15);
/// Wherever credentials come from, they are small and near.
constexpr Duration kFetchTimeMax = std::chrono::seconds(20);

class Fixed final : public CredentialsSource {
 public:
  explicit Fixed(AwsCredentials credentials) : credentials_(std::move(credentials)) {}

  Result<AwsCredentials> Get(const CallContext& /*call*/) override {
    if (credentials_.access_key_id.empty() && credentials_.secret_access_key.empty())
      return Error(ErrorKind::kNotFound, "the environment holds no keys");
    if (credentials_.access_key_id.empty() || credentials_.secret_access_key.empty()) {
      return WithHint(Error(ErrorKind::kDenied, "of the access key id and the secret access key only one is given"),
                      "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither");
    }
    return credentials_;
  }

 private:
  const AwsCredentials credentials_;
};

class FromProfile final : public CredentialsSource {
 public:
  explicit FromProfile(AwsProfile profile) : profile_(std::move(profile)) {}

  Result<AwsCredentials> Get(const CallContext& /*call*/) override {
    const auto setting = [&](std::string_view key) { return profile_.Setting(key).value_or(""); };
    AwsCredentials credentials{.access_key_id = setting("aws_access_key_id"),
                               .secret_access_key = Secret(setting("aws_secret_access_key")),
                               .session_token = Secret(setting("aws_session_token")),
                               .expires = std::nullopt};
    // Keys beside a role are those of whoever takes it on, not those of the role.
    const bool is_role =
        profile_.Setting("role_arn") && (profile_.Setting("source_profile") || profile_.Setting("credential_source"));
    if (is_role) return Unsupported("role_arn");
    if (!credentials.access_key_id.empty() && !credentials.secret_access_key.empty()) return credentials;
    for (const char* key : {"role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "login_session",
                            "credential_process"}) {
      if (profile_.Setting(key)) return Unsupported(key);
    }
    return Error(ErrorKind::kNotFound, "profile '", profile_.name(), "' holds no keys");
  }

 private:
  Status Unsupported(std::string_view key) const {
    return WithHint(Error(ErrorKind::kDenied, "profile '", profile_.name(),
                          "' gets its credentials by a way that is not supported: ", key),
                    "put them into the environment, for example: eval \"$(aws configure export-credentials "
                    "--format env)\"");
  }

  const AwsProfile profile_;
};

class First final : public CredentialsSource {
 public:
  First(std::vector<std::unique_ptr<CredentialsSource>> sources, const Clock& clock)
      : sources_(std::move(sources)), clock_(clock) {}

  Result<AwsCredentials> Get(const CallContext& call) override {
    std::optional<AwsCredentials> kept = Kept();
    const bool is_good = kept && !HasExpired(*kept);
    if (is_good && !BeginsRefresh(*kept)) return *std::move(kept);
    // While there are none, several threads may fetch at the same time; each answer is good.
    Result<AwsCredentials> fetched = Fetch(call);
    EndFetch(fetched);
    // As long as the old ones are valid, a failure to fetch new ones does no harm.
    if (!fetched.ok() && is_good) return *std::move(kept);
    return fetched;
  }

  void Refused(std::string_view access_key_id) override {
    MutexLock lock(mutex_);
    const bool are_these = kept_ && kept_->access_key_id == access_key_id && kept_->expires;
    const Instant now = clock_.MonotonicNow();
    // New ones that are refused as well do not become better by asking for each request.
    if (!are_these || now < refusal_not_before_) return;
    kept_.reset();
    refusal_not_before_ = now + kRefreshPause;
  }

 private:
  std::optional<AwsCredentials> Kept() {
    MutexLock lock(mutex_);
    return kept_;
  }

  bool HasExpired(const AwsCredentials& credentials) const {
    return credentials.expires && clock_.Now() >= *credentials.expires;
  }

  /// Decides whether the caller fetches new credentials while the kept ones are valid: at most one does, and none right
  /// after a failure, so that requests do not wait for a place that does not answer.
  bool BeginsRefresh(const AwsCredentials& credentials) {
    if (!credentials.expires || clock_.Now() + kRefreshBefore < *credentials.expires) return false;
    MutexLock lock(mutex_);
    if (is_refreshing_ || clock_.MonotonicNow() < refresh_not_before_) return false;
    is_refreshing_ = true;
    return true;
  }

  void EndFetch(const Result<AwsCredentials>& fetched) {
    MutexLock lock(mutex_);
    is_refreshing_ = false;
    if (fetched.ok()) {
      kept_ = *fetched;
    } else {
      refresh_not_before_ = clock_.MonotonicNow() + kRefreshPause;
    }
  }

  Result<AwsCredentials> Fetch(const CallContext& call) {
    const CallContext bounded = call.Until(clock_.MonotonicNow() + kFetchTimeMax);
    for (const auto& source : sources_) {
      Result<AwsCredentials> credentials = source->Get(bounded);
      if (IsKind(credentials.status(), ErrorKind::kNotFound)) continue;
      // A bound of ours has passed, or one of the source's: the caller has not given up.
      if (IsKind(credentials.status(), ErrorKind::kCancelled) && call.Check(clock_).ok()) {
        return WithKind(credentials.status(), ErrorKind::kUnavailable);
      }
      return credentials;
    }
    return WithHint(
        Error(ErrorKind::kDenied,
              "there are no credentials for S3: none in the environment, in a web identity, in the profile, "
              "of a container or of the machine"),
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
  }

  const std::vector<std::unique_ptr<CredentialsSource>> sources_;
  const Clock& clock_;
  Mutex mutex_;
  std::optional<AwsCredentials> kept_ SLEEPER_GUARDED_BY(mutex_);
  bool is_refreshing_ SLEEPER_GUARDED_BY(mutex_) = false;
  Instant refresh_not_before_ SLEEPER_GUARDED_BY(mutex_);
  Instant refusal_not_before_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<CredentialsSource> CredentialsFromEnvironment(const AwsEnvironment& environment) {
  return FixedCredentials({.access_key_id = environment.access_key_id.value_or(""),
                           .secret_access_key = environment.secret_access_key,
                           .session_token = environment.session_token,
                           .expires = std::nullopt});
}

std::unique_ptr<CredentialsSource> FixedCredentials(AwsCredentials credentials) {
  return std::make_unique<Fixed>(std::move(credentials));
}

std::unique_ptr<CredentialsSource> CredentialsFromProfile(const AwsProfile& profile) {
  return std::make_unique<FromProfile>(profile);
}

std::unique_ptr<CredentialsSource> FirstCredentials(std::vector<std::unique_ptr<CredentialsSource>> sources,
                                                    const Clock& clock) {
  return std::make_unique<First>(std::move(sources), clock);
}

std::unique_ptr<CredentialsSource> DefaultCredentials(const AwsEnvironment& environment, const AwsProfile& profile,
                                                      const std::string& region, HttpClient& http, const Clock& clock) {
  std::vector<std::unique_ptr<CredentialsSource>> sources;
  sources.push_back(CredentialsFromEnvironment(environment));
  sources.push_back(CredentialsFromWebIdentity(environment, region, http));
  sources.push_back(CredentialsFromProfile(profile));
  sources.push_back(CredentialsFromContainer(environment, http));
  sources.push_back(CredentialsFromInstance(environment, http, clock));
  return FirstCredentials(std::move(sources), clock);
}

}  // namespace sleeper::net
