// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/picture_layout.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

namespace spdl::ffmpeg {
namespace {

using buffer::ElementType;
using buffer::Layout;

using Components = std::span<const AVComponentDescriptor>;

constexpr int max_planes = 4;

Error unsupported(AVPixelFormat format) {
  const char *name = av_get_pix_fmt_name(format);
  return {Status::unsupported, Origin::convert,
          std::string("Unsupported pixel format: ") + (name ? name : "unknown") +
              "; name one that is supported in the filter, as in format=pix_fmts=rgb24."};
}

Error unfit_size(AVPixelFormat format, int width, int height) {
  return {Status::mismatch, Origin::convert,
          std::string("A ") + av_get_pix_fmt_name(format) + " picture of " +
              (width % 2 || height % 2 ? "odd size " : "size ") + std::to_string(width) + "x" +
              std::to_string(height) +
              " does not fit an array of linear planes; convert it to rgb24 or yuv444p."};
}

// Palettes, bit fields, mosaics and memory of devices are no arrays of samples.
bool is_of_samples(const AVPixFmtDescriptor &desc) {
  constexpr uint64_t others = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                              AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER;
  return desc.nb_components > 0 && !(desc.flags & others);
}

Components components_of(const AVPixFmtDescriptor &desc) {
  return {desc.comp, static_cast<size_t>(desc.nb_components)};
}

// The smallest type that holds every component where it lies in its word.
std::optional<ElementType> element_of(const AVPixFmtDescriptor &desc) {
  int bits = 0;
  for (const auto &comp : components_of(desc)) bits = std::max(bits, comp.depth + comp.shift);
  if (desc.flags & AV_PIX_FMT_FLAG_FLOAT) {
    if (bits == 16) return buffer::f16;
    if (bits == 32) return buffer::f32;
    return std::nullopt;
  }
  if (bits <= 8) return buffer::u8;
  if (bits <= 16) return buffer::u16;
  if (bits <= 32) return buffer::u32;
  return std::nullopt;
}

bool is_chroma(size_t component) { return component == 1 || component == 2; }

// Bytes from one sample of a component to its next, in a plane that has all of them.
int packed_step(const AVPixFmtDescriptor &desc, size_t component) {
  return desc.comp[0].step << (is_chroma(component) ? desc.log2_chroma_w : 0);
}

// Whether each component has elements of its own. The row repeats after the step of the chroma.
bool has_whole_elements(const AVPixFmtDescriptor &desc, int element_size) {
  const int block = packed_step(desc, 1);
  uint64_t taken = 0;
  for (size_t i = 0; i < components_of(desc).size(); ++i) {
    const auto &comp = desc.comp[i];
    if (comp.offset < 0 || comp.step != packed_step(desc, i) || comp.step % element_size ||
        comp.offset % element_size || block > 64)
      return false;
    for (int at = comp.offset; at < block; at += comp.step) {
      if (taken >> at & 1) return false;
      taken |= uint64_t{1} << at;
    }
  }
  return true;
}

Result<Layout> packed_layout(AVPixelFormat format, const AVPixFmtDescriptor &desc, int64_t width,
                             int64_t height, ElementType element) {
  const int size = static_cast<int>(element.size);
  if (desc.log2_chroma_h || !has_whole_elements(desc, size)) return unsupported(format);
  if (width % (1 << desc.log2_chroma_w))
    return unfit_size(format, static_cast<int>(width), static_cast<int>(height));
  if (desc.nb_components == 1 && element.size > 1) return Layout{{1, height, width}, element};
  return Layout{{height, width, desc.comp[0].step / size}, element};
}

// Samples per position of each plane; nothing if a plane holds anything else.
std::optional<std::array<int, max_planes>> count_samples(const AVPixFmtDescriptor &desc,
                                                         int element_size) {
  std::array<int, max_planes> counts{};
  for (const auto &comp : components_of(desc)) ++counts[static_cast<size_t>(comp.plane)];
  for (const auto &comp : components_of(desc))
    if (comp.step != counts[static_cast<size_t>(comp.plane)] * element_size ||
        comp.offset % element_size)
      return std::nullopt;
  return counts;
}

Result<Layout> planar_layout(AVPixelFormat format, const AVPixFmtDescriptor &desc, int64_t width,
                             int64_t height, ElementType element) {
  const auto counts = count_samples(desc, static_cast<int>(element.size));
  if (!counts) return unsupported(format);
  const bool is_subsampled = desc.log2_chroma_w || desc.log2_chroma_h;
  const int num_planes = av_pix_fmt_count_planes(format);
  if (!is_subsampled && num_planes == desc.nb_components)
    return Layout{{num_planes, height, width}, element};
  if (num_planes > 3) return unsupported(format);  // an alpha of another size than its chroma
  // Linear planes in rows of the picture's width; those of chroma may be parts of rows.
  const int64_t part = int64_t{1} << desc.log2_chroma_w;
  int64_t parts = 0;
  for (size_t plane = 0; plane < max_planes; ++plane)
    parts += is_chroma(plane) ? (height >> desc.log2_chroma_h) * (*counts)[plane]
                              : height * (*counts)[plane] * part;
  if (width % part || height % (1 << desc.log2_chroma_h) || parts % part)
    return unfit_size(format, static_cast<int>(width), static_cast<int>(height));
  return Layout{{1, parts / part, width}, element};
}

bool is_big_endian(const AVPixFmtDescriptor &desc) { return desc.flags & AV_PIX_FMT_FLAG_BE; }

template <class Word>
Word reversed(Word word) {
  if constexpr (sizeof(Word) == 2)
    return __builtin_bswap16(word);
  else
    return __builtin_bswap32(word);
}

// The memory need not be aligned to words.
template <class Word>
void swap_words(uint8_t *data, size_t size) {
  for (size_t at = 0; at + sizeof(Word) <= size; at += sizeof(Word)) {
    Word word;
    std::memcpy(&word, data + at, sizeof word);
    word = reversed(word);
    std::memcpy(data + at, &word, sizeof word);
  }
}

}  // namespace

Result<Layout> picture_layout(AVPixelFormat format, int width, int height) {
  const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
  if (!desc || !is_of_samples(*desc)) return unsupported(format);
  const auto element = element_of(*desc);
  if (!element) return unsupported(format);
  const auto of_planes = av_pix_fmt_count_planes(format) == 1 ? packed_layout : planar_layout;
  return of_planes(format, *desc, width, height, *element);
}

AVPixelFormat native_format(AVPixelFormat format) {
  const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
  const bool is_foreign = desc && is_big_endian(*desc) != (std::endian::native == std::endian::big);
  if (!is_foreign) return format;
  const AVPixelFormat swapped = av_pix_fmt_swap_endianness(format);
  return swapped == AV_PIX_FMT_NONE ? format : swapped;
}

void swap_elements(uint8_t *data, size_t size, uint32_t element_size) {
  if (element_size == 2) swap_words<uint16_t>(data, size);
  if (element_size == 4) swap_words<uint32_t>(data, size);
}

}  // namespace spdl::ffmpeg
