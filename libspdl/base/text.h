// SPDX-License-Identifier: BSD-2-Clause
// Text of others (paths, names) as UTF-8 of a bounded size.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spdl {

// Write at most `room` bytes of the text, without a NUL; returns how many. A text too long for them
// loses its middle, at the bounds of characters.
size_t shorten(std::string_view text, char *to, size_t room) noexcept;
std::string shorten(std::string_view text, size_t room);

// A path is any bytes: those that are no UTF-8 become U+FFFD.
std::string make_utf8(std::string_view text);

}  // namespace spdl
