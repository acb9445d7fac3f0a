using System.Globalization;
using System.Text;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>An initramfs as the kernel unpacks it (Documentation/driver-api/early-userspace/buffer-format.rst, "newc").</summary>
internal sealed class CpioArchive(Stream to)
{
    private const uint Directory = 0x41ED; // 040755
    private const uint Executable = 0x81ED; // 0100755
    private uint _inode;

    internal void AddDirectory(string path) => Add(path, Directory, []);

    internal void AddProgram(string path, string source) => Add(path, Executable, File.ReadAllBytes(source));

    internal void AddText(string path, string text) => Add(path, Executable, Encoding.UTF8.GetBytes(text));

    /// <summary>Without its trailer the archive is refused.</summary>
    internal void End() => Add("TRAILER!!!", mode: 0, []);

    private void Add(string path, uint mode, ReadOnlySpan<byte> content)
    {
        var name = Encoding.UTF8.GetBytes(path + "\0");
        uint[] fields =
        [
            ++_inode,
            mode,
            0, // uid
            0, // gid
            1, // links
            0, // modified
            (uint)content.Length,
            0, // device
            0,
            0, // device that a node stands for
            0,
            (uint)name.Length,
            0, // checksum
        ];
        var header = new StringBuilder("070701");
        foreach (var field in fields)
        {
            header.Append(field.ToString("X8", CultureInfo.InvariantCulture));
        }

        to.Write(Encoding.ASCII.GetBytes(header.ToString()));
        to.Write(name);
        Pad(header.Length + name.Length);
        to.Write(content);
        Pad(content.Length);
    }

    private void Pad(int length) => to.Write(new byte[(4 - (length % 4)) % 4]);
}
