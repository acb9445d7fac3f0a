using System.Collections.Concurrent;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A fault for each of several stories, which meets the calls of that story alone.</summary>
internal sealed class StoryFaults : ICallFault
{
    private readonly ConcurrentDictionary<string, ICallFault> _faults = new(StringComparer.Ordinal);
    private volatile string _deciding = "";

    internal void Add(Story story, ICallFault fault) => _faults[story.Namespace] = fault;

    internal void Remove(Story story) => _faults.TryRemove(story.Namespace, out _);

    public Task<HttpResponseMessage> SendAsync(Call call, CancellationToken cancellationToken)
    {
        // The node's name has the namespace's in it.
        var named = _faults.Keys.FirstOrDefault(ns =>
            call.Path.Contains(ns, StringComparison.Ordinal) || call.Body.Contains(ns, StringComparison.Ordinal)
        );
        if (named is not null && call.Path.Contains("/pods/", StringComparison.Ordinal))
        {
            _deciding = named;
        }

        // Restarts are decided one at a time: a call that names no story, such as a list of all records, is of that one.
        return _faults.TryGetValue(named ?? _deciding, out var fault)
            ? fault.SendAsync(call, cancellationToken)
            : call.Forward();
    }
}
