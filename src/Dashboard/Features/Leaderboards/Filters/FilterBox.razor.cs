using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

/// <summary>Where a filter is typed. It passes on what can be understood; until then the table stays as it is.</summary>
public sealed partial class FilterBox : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(250);

    private const string Example = "Filter, such as mAP > 0.8 and lr < 1e-3";

    private readonly string _id = "filter";
    private string _text = "";
    private string _known = "";
    private ImmutableArray<FilterCompletion> _options = [];
    private FilterException? _error;
    private int _active = -1;
    private int _typed;
    private bool _focused;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Parameter] public string? Value { get; set; }

    [Parameter] public EventCallback<string> ValueChanged { get; set; }

    /// <summary>What can be compared.</summary>
    [Parameter, EditorRequired] public ImmutableArray<FilterField> Fields { get; set; } = [];

    private bool Open => _focused && !_options.IsEmpty;

    /// <summary>True while the last word is being written: that is no mistake yet.</summary>
    private bool Unfinished => _focused && _error is { } error && !_text.AsSpan(Math.Min(error.Position, _text.Length)).ContainsAny(' ', ')');

    /// <summary>What was typed last stays here: the reader has gone elsewhere.</summary>
    public void Dispose() => _typed = -1;

    protected override void OnParametersSet()
    {
        if ((Value ?? "") != _known)
        {
            _known = _text = Value ?? "";
            Check();
        }
        else if (_error is not null)
        {
            Check(); // trials may have brought the missing name
        }
    }

    private void Typed()
    {
        Check();
        _active = -1;
        _options = FilterCompletion.Of(_text, Fields);
        _ = SendSoonAsync(++_typed);
    }

    private void Check()
    {
        try
        {
            Filter.Parse(_text, Fields);
            _error = null;
        }
        catch (FilterException error)
        {
            _error = error;
        }
    }

    private async Task SendSoonAsync(int typed)
    {
        await Task.Delay(Rest, Time);
        if (typed == _typed)
        {
            await InvokeAsync(SendAsync);
        }
    }

    private async Task SendAsync()
    {
        var text = _text.Trim();
        if (_error is null && text != _known)
        {
            _known = text;
            await ValueChanged.InvokeAsync(text);
        }
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        switch (key.Key)
        {
            case "ArrowDown" when _options.IsEmpty:
                _options = FilterCompletion.Of(_text, Fields);
                break;
            case "ArrowDown":
                _active = (_active + 1) % _options.Length;
                break;
            case "ArrowUp" when !_options.IsEmpty:
                _active = (_active <= 0 ? _options.Length : _active) - 1;
                break;
            case "Enter" when Open && _active >= 0:
                Take(_options[_active]);
                break;
            case "Enter":
                _options = [];
                await SendAsync();
                break;
            case "Escape":
                _options = [];
                break;
        }
    }

    private void Take(FilterCompletion option)
    {
        _text = option.Text;
        Typed();
    }

    private Task ClearAsync()
    {
        _text = "";
        (_error, _options) = (null, []);
        return SendAsync();
    }

    private Task LeaveAsync()
    {
        (_focused, _options) = (false, []);
        return SendAsync();
    }
}
