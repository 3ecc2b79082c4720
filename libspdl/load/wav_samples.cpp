// SPDX-License-Identifier: BSD-2-Clause
#include "load/wav_samples.h"

#include <algorithm>
#include <cstring>

#include "readers/g711.h"

namespace spdl::load {
namespace {

using Source = WavCoding::Source;

template <class T>
T read(const uint8_t *from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// How one sample is read. `value` is what FFmpeg's decoder gives, `level` what swresample makes of
// that: the integer as a float times a power of two.
struct U8 {
  static constexpr size_t size = 1;
  static float level(const uint8_t *from) {
    return static_cast<float>(int{*from} - 0x80) * (1.0f / (1 << 7));
  }
};

struct S16 {
  static constexpr size_t size = 2;
  static float level(const uint8_t *from) {
    return static_cast<float>(read<int16_t>(from)) * (1.0f / (1 << 15));
  }
};

float level_of(int32_t value) { return static_cast<float>(value) * (1.0f / (1u << 31)); }

struct S24 {
  static constexpr size_t size = 3;
  using Value = int32_t;
  static Value value(const uint8_t *from) {
    return static_cast<int32_t>(uint32_t{read<uint16_t>(from)} << 8 | uint32_t{from[2]} << 24);
  }
  static float level(const uint8_t *from) { return level_of(value(from)); }
};

struct S32 {
  static constexpr size_t size = 4;
  static float level(const uint8_t *from) { return level_of(read<int32_t>(from)); }
};

struct F32 {
  static constexpr size_t size = 4;
  static float level(const uint8_t *from) { return read<float>(from); }
};

struct F64 {
  static constexpr size_t size = 8;
  static float level(const uint8_t *from) { return static_cast<float>(read<double>(from)); }
};

template <const readers::G711Table &table>
struct G711 {
  static constexpr size_t size = 1;
  using Value = int16_t;
  static Value value(const uint8_t *from) { return table[*from]; }
  static float level(const uint8_t *from) {
    return static_cast<float>(table[*from]) * (1.0f / (1 << 15));
  }
};

template <class Sample>
void to_packed(const Source &source, uint8_t *to) {
  const uint8_t *from = source.samples;
  const size_t n = source.count * source.num_channels;
  for (size_t i = 0; i < n; ++i) {
    const auto value = Sample::value(from + i * Sample::size);
    std::memcpy(to + i * sizeof(value), &value, sizeof(value));
  }
}

// The caller's memory may begin anywhere.
void put(float value, uint8_t *to, size_t i) { std::memcpy(to + i * sizeof(float), &value, 4); }

// One channel of so many.
template <class Sample>
void to_plane(const uint8_t *__restrict from, size_t count, size_t num_channels,
              uint8_t *__restrict to) {
  for (size_t i = 0; i < count; ++i)
    put(Sample::level(from + i * num_channels * Sample::size), to, i);
}

template <class Sample>
void to_two_planes(const uint8_t *__restrict from, size_t count, uint8_t *__restrict left,
                   uint8_t *__restrict right) {
  for (size_t i = 0; i < count; ++i) {
    put(Sample::level(from + 2 * i * Sample::size), left, i);
    put(Sample::level(from + (2 * i + 1) * Sample::size), right, i);
  }
}

template <class Sample>
void to_planes(const Source &source, uint8_t *to, size_t distance) {
  const uint8_t *from = source.samples;
  const size_t n = source.count;
  if (source.num_channels == 1) return to_plane<Sample>(from, n, 1, to);
  if (source.num_channels == 2) return to_two_planes<Sample>(from, n, to, to + distance);
  for (size_t c = 0; c < source.num_channels; ++c)
    to_plane<Sample>(from + c * Sample::size, n, source.num_channels, to + c * distance);
}

constexpr uint16_t pcm = 1, ieee_float = 3, alaw = 6, mulaw = 7;
using Alaw = G711<readers::alaw_table>;
using Mulaw = G711<readers::mulaw_table>;

constexpr WavCoding codings[] = {
    {pcm, 8, buffer::u8, "u8", nullptr, to_planes<U8>},
    {pcm, 16, buffer::s16, "s16", nullptr, to_planes<S16>},
    {pcm, 24, buffer::s32, "s32", to_packed<S24>, to_planes<S24>},
    {pcm, 32, buffer::s32, "s32", nullptr, to_planes<S32>},
    {ieee_float, 32, buffer::f32, "flt", nullptr, to_planes<F32>},
    {ieee_float, 64, buffer::f64, "dbl", nullptr, to_planes<F64>},
    {alaw, 8, buffer::s16, "s16", to_packed<Alaw>, to_planes<Alaw>},
    {mulaw, 8, buffer::s16, "s16", to_packed<Mulaw>, to_planes<Mulaw>},
};

}  // namespace

const WavCoding &coding_of(const readers::WavHeader &header) {
  return *std::find_if(std::begin(codings), std::end(codings) - 1, [&](const WavCoding &coding) {
    return coding.format == header.sub_format && coding.bits == header.bits_per_sample;
  });
}

}  // namespace spdl::load
