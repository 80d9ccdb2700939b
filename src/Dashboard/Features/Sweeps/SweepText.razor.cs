using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Sweeps.Files;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>A spec as YAML, JSON and C#, and a text that becomes one.</summary>
public sealed partial class SweepText
{
    private Kind _kind;
    private string _text = "";
    private string _typed = "";
    private string? _problem;
    private bool _copied;

    [Parameter, EditorRequired] public SweepSpec Spec { get; set; } = null!;

    /// <summary>Whether the spec has no errors: nothing else is worth a file.</summary>
    [Parameter] public bool Valid { get; set; }

    /// <summary>A text was read.</summary>
    [Parameter] public EventCallback<SweepSpec> Taken { get; set; }

    [Inject] private Browser Browser { get; set; } = null!;

    protected override void OnParametersSet() => Write();

    private void Show(Kind kind)
    {
        _kind = kind;
        Write();
    }

    private void Write()
    {
        var file = new SweepFile(Spec);
        var text = !Valid ? "" : _kind switch
        {
            Kind.Yaml => file.ToYaml(),
            Kind.Json => file.ToJson(),
            Kind.CSharp => file.ToCSharp(),
            _ => "",
        };
        (_copied, _text) = (_copied && text == _text, text);
    }

    private async Task CopyAsync() => _copied = await Browser.CopyAsync(_text);

    private Task<bool> DownloadAsync() => _kind == Kind.Yaml
        ? Browser.DownloadAsync("sweep.yaml", "application/yaml", _text)
        : Browser.DownloadAsync("sweep.json", "application/json", _text);

    private async Task TakeAsync()
    {
        try
        {
            var spec = SweepFile.Parse(_typed).Spec;
            (_problem, _typed, _kind) = (null, "", Kind.Yaml);
            await Taken.InvokeAsync(spec);
        }
        catch (SweepSpecException error)
        {
            _problem = error.Message.Replace("The sweep cannot be started", "This is no sweep yet", StringComparison.Ordinal);
        }
    }

    private enum Kind
    {
        Yaml,
        Json,
        CSharp,
        Import,
    }
}
