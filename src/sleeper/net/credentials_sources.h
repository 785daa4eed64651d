#pragma once

#include <memory>

#include "sleeper/base/executor.h"
#include "sleeper/net/aws_credentials.h"
#include "sleeper/net/aws_environment.h"
#include "sleeper/net/aws_profile.h"
#include "sleeper/net/http.h"

namespace sleeper::net {

/// The keys in the environment, or the same credentials each time.
std::unique_ptr<CredentialsSource> CredentialsFromEnvironment(const AwsEnvironment& environment);
std::unique_ptr<CredentialsSource> FixedCredentials(AwsCredentials credentials);

/// The keys that stand in a profile. Profiles that assume a role, run a program or sign on through a browser are
/// refused with a hint.
std::unique_ptr<CredentialsSource> CredentialsFromProfile(const AwsProfile& profile);

/// Exchanges a web identity token for those of a role, at the security token service (Kubernetes service accounts).
std::unique_ptr<CredentialsSource> CredentialsFromWebIdentity(const AwsEnvironment& environment, std::string region,
                                                              HttpClient& http);

/// Asks the address that a container's environment names (ECS, EKS pod identity).
std::unique_ptr<CredentialsSource> CredentialsFromContainer(const AwsEnvironment& environment, HttpClient& http);

/// Asks the metadata service of an EC2 instance, with a session token (version 2).
std::unique_ptr<CredentialsSource> CredentialsFromInstance(const AwsEnvironment& environment, HttpClient& http,
                                                           const Clock& clock);

/// All of the above, in this order: environment, web identity, profile, container, instance. The first place that has
/// credentials is kept; temporary ones are fetched again before they expire. `http` and `clock` must outlive it.
std::unique_ptr<CredentialsSource> DefaultCredentials(const AwsEnvironment& environment, const AwsProfile& profile,
                                                      const std::string& region, HttpClient& http, const Clock& clock);

/// The first of `sources` that has credentials, kept until shortly before they expire.
std::unique_ptr<CredentialsSource> FirstCredentials(std::vector<std::unique_ptr<CredentialsSource>> sources,
                                                    const Clock& clock);

}  // namespace sleeper::net
