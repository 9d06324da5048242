namespace Kindred.Import;

/// <summary>The import cannot begin or go on; the message is for the person who started it.</summary>
public sealed class ImportRefusedException(string message) : Exception(message);
