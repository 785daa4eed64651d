#include "sleeper/net/digest.h"

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sleeper/base/check.h"

namespace sleeper::net {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// A digest that is being computed. The library fails only if it lacks the algorithm or memory.
class Digest {
 public:
  explicit Digest(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new()) {
    SLEEPER_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1,
                  "the digest is not available in this OpenSSL");
  }

  void Add(const void* data, size_t size) {
    SLEEPER_CHECK(EVP_DigestUpdate(context_.get(), data, size) == 1, "the digest failed");
  }

  std::string End() {
    std::string bytes(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    SLEEPER_CHECK(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) == 1,
                  "the digest failed");
    bytes.resize(size);
    return bytes;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
};

std::string DigestOf(const EVP_MD* algorithm, std::string_view bytes) {
  Digest digest(algorithm);
  digest.Add(bytes.data(), bytes.size());
  return digest.End();
}

}  // namespace

std::string Sha256(std::span<const Buffer> parts) {
  Digest digest(EVP_sha256());
  for (const Buffer& part : parts) digest.Add(part.data(), static_cast<size_t>(part.size()));
  return digest.End();
}

std::string Sha256(std::string_view bytes) { return DigestOf(EVP_sha256(), bytes); }

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  std::string code(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()),
           bytes.size(), reinterpret_cast<unsigned char*>(code.data()), &size);
  SLEEPER_CHECK(done != nullptr, "HMAC failed");
  code.resize(size);
  return code;
}

std::optional<std::string> Md5(std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  // What fails here must not stay behind: TLS takes an error of the thread for its own.
  ERR_set_mark();
  const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                              EVP_md5(), nullptr);
  ERR_pop_to_mark();
  if (done != 1) return std::nullopt;
  digest.resize(size);
  return digest;
}

std::string LowerHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    text += kDigits[static_cast<uint8_t>(byte) >> 4U];
    text += kDigits[static_cast<uint8_t>(byte) & 0xfU];
  }
  return text;
}

}  // namespace sleeper::net
