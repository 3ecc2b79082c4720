/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * The markers of the C ABI. This is the only public header that holds macros or `#if`; all others
 * keep to the subset of C99 that a binding generator can read.
 */
#ifndef SPDL_ABI_H
#define SPDL_ABI_H

/** Number of this ABI: the length of the ledger in `meson.build`. Compare it with
 * spdl_abi_version() right after loading the library. */
#define SPDL_ABI_VERSION 1

#ifdef __cplusplus
#define SPDL_BEGIN_DECLS extern "C" {
#define SPDL_END_DECLS }
#define SPDL_NOEXCEPT noexcept
#else
#define SPDL_BEGIN_DECLS
#define SPDL_END_DECLS
#define SPDL_NOEXCEPT
#endif

#if defined(_WIN32) && defined(SPDL_BUILD)
#define SPDL_API __declspec(dllexport)
#elif defined(_WIN32)
#define SPDL_API __declspec(dllimport)
#elif defined(__GNUC__)
#define SPDL_API __attribute__((visibility("default")))
#else
#define SPDL_API
#endif

#endif /* SPDL_ABI_H */
