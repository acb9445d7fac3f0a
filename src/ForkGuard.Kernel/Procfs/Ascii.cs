using System.Buffers.Text;

namespace ForkGuard.Kernel.Procfs;

/// <summary>Numbers and fields in the kernel's text.</summary>
internal static class Ascii
{
    /// <summary>Takes a decimal number off the front. False for no digit or an overflow of 64 bits.</summary>
    internal static bool TryTakeNumber(ref ReadOnlySpan<byte> text, out ulong value)
    {
        const ulong mostBeforeLastDigit = ulong.MaxValue / 10;
        const ulong mostLastDigit = ulong.MaxValue % 10;
        value = 0;
        var used = 0;
        for (; used < text.Length && text[used] is >= (byte)'0' and <= (byte)'9'; used++)
        {
            var digit = (ulong)(text[used] - '0');
            if (value >= mostBeforeLastDigit && (value > mostBeforeLastDigit || digit > mostLastDigit))
            {
                value = 0;
                return false;
            }

            value = (value * 10) + digit;
        }

        text = text[used..];
        return used > 0;
    }

    /// <summary>Takes a number in hexadecimal off the front. False for no digit or an overflow of 64 bits.</summary>
    internal static bool TryTakeHex(ref ReadOnlySpan<byte> text, out ulong value)
    {
        if (!Utf8Parser.TryParse(text, out value, out int used, 'x'))
        {
            return false;
        }

        text = text[used..];
        return true;
    }

    /// <summary>Takes one given byte off the front. False if another one stands there.</summary>
    internal static bool TryTake(ref ReadOnlySpan<byte> text, byte expected)
    {
        if (text.IsEmpty || text[0] != expected)
        {
            return false;
        }

        text = text[1..];
        return true;
    }

    internal static void SkipSpaces(ref ReadOnlySpan<byte> text)
    {
        var n = text.IndexOfAnyExcept((byte)' ', (byte)'\t');
        text = n < 0 ? default : text[n..];
    }

    /// <summary>Takes the bytes up to the next space or the end off the front.</summary>
    internal static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> text)
    {
        var n = text.IndexOfAny((byte)' ', (byte)'\t');
        var word = n < 0 ? text : text[..n];
        text = text[word.Length..];
        SkipSpaces(ref text);
        return word;
    }

    /// <summary>Takes a line off the front, without its end. False when nothing is left.</summary>
    internal static bool TryTakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        if (text.IsEmpty)
        {
            line = default;
            return false;
        }

        var n = text.IndexOf((byte)'\n');
        line = n < 0 ? text : text[..n];
        text = n < 0 ? default : text[(n + 1)..];
        return true;
    }

    /// <summary>A file that holds one number, such as those under /proc/sys.</summary>
    internal static bool TryParseOnlyNumber(ReadOnlySpan<byte> text, out ulong value)
    {
        SkipSpaces(ref text);
        return TryTakeNumber(ref text, out value) && text.TrimEnd((byte)'\n').IsEmpty;
    }
}
