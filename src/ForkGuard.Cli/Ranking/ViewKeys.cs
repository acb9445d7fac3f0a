using ForkGuard.Cli.Output;

namespace ForkGuard.Cli.Ranking;

/// <summary>Keys that sort, filter and end a list on a terminal.</summary>
internal sealed class ViewKeys(TopView view)
{
    private bool _isTyping;

    internal TopView View { get; private set; } = view;

    /// <summary>The keys with the order and the filter that they set.</summary>
    internal string Footer
    {
        get
        {
            var filter =
                _isTyping || View.Filter.Length > 0 ? $"filter: {View.Filter}{(_isTyping ? "_" : "")}" : "filter";
            return $"q quit  s sort: {View.Sort}  / {filter}";
        }
    }

    /// <summary>False for the key that ends the list.</summary>
    internal bool Press(char key)
    {
        if (_isTyping)
        {
            _isTyping = key is not ('\r' or '\n' or TerminalInput.Escape);
            View = key switch
            {
                TerminalInput.Escape => View with { Filter = "" },
                TerminalInput.Backspace or '\b' => View with
                {
                    Filter = View.Filter[..^Math.Min(1, View.Filter.Length)],
                },
                >= ' ' and < TerminalInput.Backspace => View with { Filter = View.Filter + key },
                _ => View,
            };
            return true;
        }

        _isTyping = key == '/';
        View = key switch
        {
            's' => View.NextSort(),
            '/' or TerminalInput.Escape => View with { Filter = "" },
            _ => View,
        };
        return key != TerminalInput.Quit;
    }
}
