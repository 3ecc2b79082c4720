// SPDX-License-Identifier: BSD-2-Clause
// JPEG → planes, without upsampling and without a change of colour space.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/limits.h"

namespace spdl::jpeg {

// What lies beyond a row's width, up to the stride, and beyond the last row is no picture and may
// be uninitialized.
struct Plane {
  const uint8_t *data = nullptr;
  ptrdiff_t stride = 0;
  int width = 0;
  int height = 0;
};

// Rows and planes begin at multiples of this many bytes. From each byte of a plane, so many can be
// read.
constexpr size_t alignment = 64;

struct MemoryDeleter {
  void operator()(uint8_t *memory) const noexcept {
    ::operator delete[](memory, std::align_val_t{alignment});
  }
};

// Full-range samples of 8 bits as in JFIF: Y, or Y, Cb and Cr. Chroma has a size of its own, which
// no ratio of the file tells: a scaled picture may come with chroma as large as luma.
struct Image {
  int width = 0;  // of the picture and of luma: the file's by the denominator, rounded up
  int height = 0;
  int num_planes = 0;
  std::array<Plane, 3> planes{};
  std::unique_ptr<uint8_t[], MemoryDeleter> memory;  // of all planes
};

// The picture at 1/denominator of its size; the denominator is 1, 2, 4 or 8. Null if read_header()
// gives none or if anything is wrong with the data, be it something that decoders tolerate: FFmpeg
// is to judge. Errors are those of limits: of time, and of the pixels that the file has.
//
// The memory that this takes is bounded by the number of pixels and by that of the data's bytes: a
// block of 8x8 samples takes at least one bit.
Result<std::optional<Image>> decode(std::span<const uint8_t> data, int denominator,
                                    const Limits &limits, const std::string &source);

}  // namespace spdl::jpeg
