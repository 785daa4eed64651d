#include "sleeper/store/file_system_kind.h"

#include <array>

#include <fmt/format.h>

namespace sleeper::store {
namespace {

struct KnownFileSystem {
  uint64_t magic;
  const char* name;
  bool is_local;
};

constexpr std::array kKnownFileSystems = {
    KnownFileSystem{0xEF53, "ext4", true},         KnownFileSystem{0x58465342, "xfs", true},
    KnownFileSystem{0x9123683E, "btrfs", true},    KnownFileSystem{0x01021994, "tmpfs", true},
    KnownFileSystem{0x858458F6, "ramfs", true},    KnownFileSystem{0x794C7630, "overlayfs", true},
    KnownFileSystem{0x2FC12FC1, "zfs", true},      KnownFileSystem{0xF2F52010, "f2fs", true},
    KnownFileSystem{0xCA451A4E, "bcachefs", true}, KnownFileSystem{0x3153464A, "jfs", true},
    KnownFileSystem{0x52654973, "reiserfs", true}, KnownFileSystem{0x3434, "nilfs", true},
    KnownFileSystem{0xF15F, "ecryptfs", true},     KnownFileSystem{0x6969, "NFS", false},
    KnownFileSystem{0x517B, "SMB", false},         KnownFileSystem{0xFE534D42, "SMB", false},
    KnownFileSystem{0xFF534D42, "CIFS", false},    KnownFileSystem{0x65735546, "FUSE", false},
    KnownFileSystem{0x01021997, "9p", false},      KnownFileSystem{0x00C36400, "ceph", false},
    KnownFileSystem{0x0BD00BD0, "lustre", false},  KnownFileSystem{0x47504653, "gpfs", false},
    KnownFileSystem{0x19830326, "beegfs", false},  KnownFileSystem{0x01161970, "gfs2", false},
    KnownFileSystem{0x7461636F, "ocfs2", false},   KnownFileSystem{0x5346414F, "afs", false},
    KnownFileSystem{0x6B414653, "afs", false},     KnownFileSystem{0x73757245, "coda", false},
    KnownFileSystem{0x786F4256, "vboxsf", false},  KnownFileSystem{0xBACBACBC, "vmhgfs", false},
};

}  // namespace

FileSystemKind FileSystemKindOf(uint64_t magic) {
  for (const KnownFileSystem& known : kKnownFileSystems) {
    if (known.magic == magic) return {known.name, known.is_local};
  }
  return {fmt::format("unknown (0x{:x})", magic), false};
}

}  // namespace sleeper::store
