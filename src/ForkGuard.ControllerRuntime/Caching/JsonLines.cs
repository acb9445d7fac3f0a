using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ForkGuard.ControllerRuntime;

/// <summary>A stream of lines, as a watch sends them.</summary>
internal static class JsonLines
{
    /// <summary>The lines without their ends; each is valid until the next one is asked for.</summary>
    /// <exception cref="EndOfStreamException">The stream ended in the middle of a line.</exception>
    public static async IAsyncEnumerable<ReadOnlySequence<byte>> ReadAsync(
        Stream stream,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        PipeReader reader = PipeReader.Create(stream);
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync(cancellationToken);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    yield return rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    if (!rest.IsEmpty)
                    {
                        throw new EndOfStreamException("The stream ended in the middle of a line.");
                    }

                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }
}
