#pragma once

#include <initializer_list>
#include <span>

#include "sleeper/base/random.h"
#include "sleeper/model/key_value.h"
#include "sleeper/model/schema.h"

namespace sleeper::model {

/// The types that a key may have.
std::span<const TypeKind> KeyKinds();

/// A value that is likely to meet others at the edges: extreme integers, empty strings, zero bytes, 0xFF, prefixes of
/// one another, characters outside the basic plane beside U+FFFF.
KeyValue RandomKeyValue(Random& random, TypeKind kind);

/// Such values for `fields`.
KeyTuple RandomKey(Random& random, std::span<const Field> fields);

/// A schema with 1 to 4 row keys and 0 to 2 sort keys of any key type, called k0, k1, …, and one value field.
Schema RandomKeySchema(Random& random);

/// Row keys of these types, called k0, k1, …, and a value field v.
Schema SchemaOfRowKeys(std::span<const TypeKind> kinds);
Schema SchemaOfRowKeys(std::initializer_list<TypeKind> kinds);

/// Compares as the definition says, value by value and byte by byte: an oracle for faster ways.
bool ComesBefore(const KeyTuple& a, const KeyTuple& b);

}  // namespace sleeper::model
