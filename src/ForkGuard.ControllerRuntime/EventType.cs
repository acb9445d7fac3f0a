namespace ForkGuard.ControllerRuntime;

/// <summary>How an event is to be taken.</summary>
public enum EventType
{
    Normal,
    Warning,
}
