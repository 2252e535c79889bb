// What form-js' editor writes into the page (1.23 asks no service for words), in the words of our office.
export default {
  'Components': 'Che cosa si può mettere', 'Search components': 'Cerca', 'Clear content': 'Cancella', 'No components found.': 'Niente con questo nome.', 'Input': 'Si scrive', 'Selection': 'Si sceglie', 'Presentation': 'Si legge', 'Containers': 'Si raggruppa', 'Action': 'Si preme',
  'Drag and drop components here.': 'Trascina qui.', 'Build your form': 'Fai il modulo', 'Drag and drop components here to start designing.': 'Trascina qui una cosa dalla lista a sinistra.', 'Use the preview window to test your form.': 'Il modulo come lo vede chi lavora è nella pagina della bozza.',
  'Text view is empty': 'Testo vuoto', 'Content': 'Contenuto', 'Button': 'Bottone', 'Checkbox group': 'Più spunte', 'Checkbox': 'Una spunta', 'Date time': 'Data o ora', 'Document preview': 'Documenti', 'Dynamic list': 'Lista che si allunga', 'Expression': 'Espressione', 'Group': 'Gruppo', 'HTML view': 'HTML', 'Image view': 'Immagine', 'Number': 'Numero',
  'Radio group': 'Una scelta (tutte in vista)', 'Select': 'Una scelta (a tendina)', 'Separator': 'Linea', 'Spacer': 'Spazio', 'Table': 'Tabella', 'Tag list': 'Più scelte (etichette)', 'Text area': 'Testo lungo', 'Text field': 'Testo corto', 'Text view': 'Testo da leggere', 'iFrame': 'Riquadro', 'File picker': 'File', 'Root': 'Modulo',
  'dd/mm/yyyy': 'gg/mm/aaaa', 'mm/dd/yyyy': 'mm/gg/aaaa', 'hh:mm': 'oo:mm', 'hh:mm --': 'oo:mm --', 'hh:mm ?': 'oo:mm', 'No results': 'Niente',
  'Search': 'Cerca', 'Increment': 'Aumenta', 'Decrement': 'Diminuisci', 'Browse': 'Scegli', 'Remove': 'Togli', 'Drag to reorder': "Trascina per cambiare l'ordine", 'Duplicate': 'Raddoppia', 'Delete': 'Elimina',
  patterns: [[/^Create an? (.*) element$/, 'Aggiungi: $1'], [/^Powered by bpmn.io$/, 'Fatto con bpmn.io']],
};
