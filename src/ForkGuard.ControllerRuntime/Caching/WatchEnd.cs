using System.Text.Json;
using k8s.Autorest;

namespace ForkGuard.ControllerRuntime;

/// <summary>The ways in which a watch, or the attempt at one, ends.</summary>
internal enum WatchEnding
{
    /// <summary>The server ended it in good order, as it does when its time is up.</summary>
    Closed,

    /// <summary>410: the server no longer knows the version that was asked for.</summary>
    Expired,

    /// <summary>The server sent an error event of another kind.</summary>
    ServerError,

    /// <summary>A line could not be understood, so something may have been missed.</summary>
    Malformed,

    /// <summary>The server answered, but with a status code of failure.</summary>
    Refused,

    /// <summary>There was no connection, or it broke.</summary>
    Disconnected,

    /// <summary>The server did not end the watch, or answer, in time.</summary>
    Silent,
}

/// <summary>How a watch ended, and what to do next.</summary>
/// <param name="Ending">The way.</param>
/// <param name="Detail">For the log.</param>
/// <param name="RetryAfter">How long the server asked to wait; null if it did not.</param>
internal sealed record WatchEnd(WatchEnding Ending, string Detail, TimeSpan? RetryAfter = null)
{
    /// <summary>
    /// The state that was held is not a point to go on from. Where the connection alone failed, it is: the server answers
    /// <see cref="WatchEnding.Expired"/> should it have forgotten the version meanwhile.
    /// </summary>
    public bool NeedsList => Ending is WatchEnding.Expired or WatchEnding.ServerError or WatchEnding.Malformed;

    /// <summary>Returns how it ended by its failure; null unless the server or the way to it failed.</summary>
    public static WatchEnd? Of(Exception exception) =>
        exception switch
        {
            HttpOperationException refused => new(
                ApiFailure.IsVersionUnknown(refused) ? WatchEnding.Expired : WatchEnding.Refused,
                refused.Message,
                RetryAfterHeader.Of(refused)
            ),
            HttpRequestException or IOException => new(WatchEnding.Disconnected, exception.Message),
            OperationCanceledException => new(WatchEnding.Silent, "no answer in time"),
            JsonException => new(WatchEnding.Malformed, exception.Message),
            _ => null,
        };

    /// <summary>All reasons in metrics.</summary>
    public static IEnumerable<string> Reasons => Enum.GetValues<WatchEnding>().Select(ReasonOf);

    /// <summary>The reason in metrics.</summary>
    public string Reason => ReasonOf(Ending);

    private static string ReasonOf(WatchEnding ending) =>
        ending switch
        {
            WatchEnding.Closed => "closed",
            WatchEnding.Expired => "expired",
            WatchEnding.ServerError => "server_error",
            WatchEnding.Malformed => "malformed",
            WatchEnding.Refused => "refused",
            WatchEnding.Disconnected => "disconnected",
            _ => "silent",
        };
}
