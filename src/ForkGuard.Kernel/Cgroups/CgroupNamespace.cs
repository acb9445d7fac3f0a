using System.Buffers.Binary;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Finds the root of the reader's cgroup namespace (cgroup_namespaces(7)) in a mounted hierarchy. /proc shows all paths
/// relative to that root, and nothing there names it: the folder whose cgroup.procs lists the reader does.
/// </summary>
internal static class CgroupNamespace
{
    /// <summary>Folders that the search opens at most; a node has a few hundred.</summary>
    private const int MaxFolders = 20_000;

    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const byte TypeDirectory = 4;

    /// <summary>
    /// Returns the root's path below the mount, empty for the root of the mount itself. False if no folder that the
    /// search
    /// reaches lists the reader, or its path does not end as the one in /proc.
    /// </summary>
    internal static bool TryFindRoot(byte[] mountPath, byte[] ownPath, int ownPid, out byte[] root)
    {
        root = [];
        var own = ownPath.AsSpan().TrimEnd((byte)'/');
        if (Lists([.. mountPath, .. own], ownPid))
        {
            return true;
        }

        if (!TryFindFolder(mountPath, ownPid, out var folder))
        {
            return false;
        }

        // A reader that was moved out of its namespace has a path with .. of its own, which no folder ends with.
        var below = folder.AsSpan(mountPath.Length);
        if (!below.EndsWith(own))
        {
            return false;
        }

        root = below[..^own.Length].ToArray();
        return true;
    }

    private static bool TryFindFolder(byte[] mountPath, int pid, out byte[] folder)
    {
        var open = new Queue<byte[]>();
        open.Enqueue(mountPath);
        for (var seen = 0; seen < MaxFolders && open.TryDequeue(out folder!); seen++)
        {
            if (Lists(folder, pid))
            {
                return true;
            }

            AddFolders(folder, open);
        }

        folder = [];
        return false;
    }

    private static bool Lists(byte[] folder, int pid)
    {
        var fd = Libc.Open([.. folder, .. "/cgroup.procs\0"u8]);
        if (fd < 0)
        {
            return false;
        }

        var buffer = new byte[4096];
        var reader = new LineReader(fd, buffer);
        try
        {
            while (reader.TryRead(out var line))
            {
                if (Ascii.TryTakeNumber(ref line, out var listed) && listed == (ulong)pid)
                {
                    return true;
                }
            }
        }
        finally
        {
            Libc.Close(fd);
        }

        return false;
    }

    private static void AddFolders(byte[] folder, Queue<byte[]> open)
    {
        var fd = Libc.Open([.. folder, 0]);
        if (fd < 0)
        {
            return;
        }

        var buffer = new byte[32 * 1024];
        int n;
        while ((n = Libc.ReadDirectory(fd, buffer)) > 0)
        {
            for (var at = 0; at + NameOffset < n; )
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + LengthOffset));
                var name = buffer.AsSpan(at + NameOffset, length - NameOffset);
                name = name[..name.IndexOf((byte)0)];
                var isFolder = buffer[at + TypeOffset] == TypeDirectory;
                at += length;
                if (
                    isFolder
                    && !name.SequenceEqual("."u8)
                    && !name.SequenceEqual(".."u8)
                    && folder.Length + name.Length + 1 < Cgroup.MaxPathBytes
                )
                {
                    open.Enqueue([.. folder, (byte)'/', .. name]);
                }
            }
        }

        Libc.Close(fd);
    }
}
