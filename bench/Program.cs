using MlTr.Bench;

return args switch
{
    ["golden", var folder] => GoldenVerb.Run(folder),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: dotnet run -c Release --project bench -- VERB

          golden FOLDER   compares the library with a folder of golden files: golden.json, weights.safetensors, io.safetensors
        """);
    return 2;
}
