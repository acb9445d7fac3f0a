using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>The program and the libraries that this process has mapped.</summary>
internal static unsafe partial class Libc
{
    private const uint LoadSegment = 1;
    private const uint WritableSegment = 2;
    private const int MadviseDontNeed = 4;

    /// <summary>
    /// Unmaps all pages of the segments of the program and of its libraries that are never written: the page cache has them,
    /// and those that are used again are mapped again. Relocated data is part of a writable segment.
    /// </summary>
    internal static void UnmapProgramPages() => _ = dl_iterate_phdr(&UnmapPagesOf, null);

    // Called with the lock of the dynamic loader held: no segment changes meanwhile.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int UnmapPagesOf(LoadedObject* loaded, nuint size, void* data)
    {
        // The name of the program is empty; that of the kernel's vdso is not a path.
        if (loaded->Name is null || *loaded->Name is not (0 or (byte)'/'))
        {
            return 0;
        }

        for (var i = 0; i < loaded->SegmentCount; i++)
        {
            var segment = loaded->Segments[i];
            if (segment.Type == LoadSegment && (segment.Flags & WritableSegment) == 0)
            {
                var address = loaded->Address + (nuint)segment.Address;
                var before = address % (nuint)PageSize;
                _ = madvise((void*)(address - before), (nuint)segment.MemoryBytes + before, MadviseDontNeed);
            }
        }

        return 0;
    }

    [LibraryImport("libc")]
    private static partial int dl_iterate_phdr(
        delegate* unmanaged[Cdecl]<LoadedObject*, nuint, void*, int> visit,
        void* data
    );

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);

    /// <summary>struct dl_phdr_info (dl_iterate_phdr(3)), as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LoadedObject
    {
        internal nuint Address;
        internal byte* Name;
        internal ProgramHeader* Segments;
        internal ushort SegmentCount;
    }

    /// <summary>Elf64_Phdr (elf(5)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramHeader
    {
        internal uint Type;
        internal uint Flags;
        internal ulong Offset;
        internal ulong Address;
        internal ulong PhysicalAddress;
        internal ulong FileBytes;
        internal ulong MemoryBytes;
        internal ulong Alignment;
    }
}
